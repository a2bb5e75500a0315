package io.natskv.benchmarks.scale;

import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import java.util.List;
import java.util.Locale;

/** What a connector adds to what is alive on a worker's heap, beside what its settings allow. */
final class MemoryFigures {
    private static final double MB = 1e6;
    private static final String UNIT = "MB";
    /** Of one bucket and filter, and of the producer: see "Speed and memory" in the source connector's README. */
    private static final double SOURCE_BUFFER = (16 << 20) + 10_000 * 400.0;

    private static final double PRODUCER_MEMORY = 32 << 20;
    /** What the worker keeps of a record until it is in Kafka, beside the value. */
    private static final double PRODUCER_RECORD = 1_600;
    /** {@code max.in.flight.bytes}, the consumer's {@code fetch.max.bytes}, and the revisions of 100,000 keys. */
    private static final double SINK_IN_FLIGHT = 32 << 20;

    private static final double CONSUMER_FETCH = 50 << 20;
    private static final double REVISIONS = 100_000 * 250.0;

    private final WorkerMemory memory;
    private final ScaleSettings settings;
    private final Report report;

    MemoryFigures(WorkerMemory memory, ScaleSettings settings, Report report) {
        this.memory = memory;
        this.settings = settings;
        this.report = report;
    }

    /** What a task of the source may hold by default, in megabytes. */
    static double sourceBound(int valueBytes) {
        double records = PRODUCER_MEMORY / valueBytes;
        return (SOURCE_BUFFER + PRODUCER_MEMORY + records * (valueBytes + PRODUCER_RECORD)) / MB;
    }

    /** What a task of the sink may hold by default, in megabytes. */
    static double sinkBound() {
        return (SINK_IN_FLIGHT + CONSUMER_FETCH + REVISIONS) / MB;
    }

    /** Runs a side once more, and looks at the heap meanwhile. */
    void measure(String connector, Rounds.Side side, double bound) throws Exception {
        double idle = memory.liveHeap();
        Samples during = memory.liveHeapDuring(side);
        double added = Math.max(0, during.max() - idle);
        report.line(String.format(
                Locale.ROOT,
                "  %s: %.0f MB alive on the heap of %s before, %.0f MB at most while it works (seen %d times): %.0f MB of %.0f MB that its settings allow",
                connector,
                idle,
                settings.workerHeap(),
                during.max(),
                during.values().size(),
                added,
                bound));
        report.figure(connector + "-live-heap-idle-mb", UNIT, idle, new Samples(List.of(idle)));
        report.figure(connector + "-live-heap-max-mb", UNIT, during.max(), during);
        report.figure(connector + "-live-heap-added-mb", UNIT, added, new Samples(List.of(added)));
        report.figure(connector + "-memory-bound-mb", UNIT, bound, new Samples(List.of(bound)));
    }
}
