package io.natskv.benchmarks.scale;

import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import io.natskv.benchmarks.core.Data;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** As many changes of one key as of many: the order within a key is kept, so a sink waits for each acknowledgement. */
final class HotKey {
    private static final String PER_SECOND = "/s";
    private static final String KEY = "hot";
    private static final String MANY = "many";

    private final ScaleStack stack;
    private final ScaleSettings settings;
    private final Report report;

    HotKey(ScaleStack stack, ScaleSettings settings, Report report) {
        this.stack = stack;
        this.settings = settings;
        this.report = report;
    }

    void run() throws Exception {
        report.line("One hot key: " + settings.hotRecords() + " changes");
        source();
        sink();
    }

    private void source() throws Exception {
        Data many = new Data(settings.hotRecords(), settings.valueBytes());
        SourceLive hot =
                new SourceLive(stack, settings, "sourceHotKey", new Data(1, settings.valueBytes(), number -> KEY));
        SourceLive all = new SourceLive(stack, settings, "sourceManyKeys", many);
        Map<String, Samples> sides = rounds(List.of(hot, all));
        report.ratio("sourceHotKey/sourceManyKeys", PER_SECOND, sides, hot.name(), all.name());
        Samples delivered = new Samples(hot.deliveredPercent()
                .subList(settings.warmUps(), hot.deliveredPercent().size()));
        report.figure("source-hot-key-delivered-percent", "%", delivered.median(), delivered);
    }

    private void sink() throws Exception {
        int records = settings.hotRecords();
        stack.topic(KEY, 1, records, number -> number == 0 ? "first" : KEY, this::value);
        stack.topic(MANY, 1, records, number -> "key" + number, this::value);
        Optional<Map.Entry<String, byte[]>> last = Optional.of(Map.entry(KEY, value(records - 1)));
        SinkScale hot = new SinkScale(stack, "sinkHotKey", KEY, records, last, 1, Map.of(), 1);
        SinkScale coalesced =
                new SinkScale(stack, "sinkHotKeyCoalesced", KEY, records, last, 1, Map.of("coalesce", "true"), 1);
        SinkScale many = SinkScale.ofKeys(stack, "sinkManyKeys", MANY, records, 1, 1);
        Map<String, Samples> sides = rounds(List.of(hot, coalesced, many));
        report.ratio("sinkHotKey/sinkManyKeys", PER_SECOND, sides, hot.name(), many.name());
        report.ratio("sinkHotKeyCoalesced/sinkManyKeys", PER_SECOND, sides, coalesced.name(), many.name());
        stack.deleteTopic(KEY);
        stack.deleteTopic(MANY);
    }

    /** Each another one: the last is known by it. */
    private byte[] value(int number) {
        return ByteBuffer.allocate(Math.max(settings.valueBytes(), Integer.BYTES))
                .putInt(number)
                .array();
    }

    private Map<String, Samples> rounds(List<? extends Rounds.Side> sides) throws Exception {
        return new Rounds(settings.warmUps(), settings.rounds(), line -> report.line("  " + line)).run(sides);
    }
}
