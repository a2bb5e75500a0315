package io.natskv.benchmarks.scale;

import io.natskv.benchmarks.Options;
import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.mirror.MirrorStack;
import io.natskv.testing.kafka.ConnectWorker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Both connectors by the number of keys and the length of values, in a worker with a small heap; by the number of tasks, in one with a larger heap;
 * and with one hot key. A worker that needs more memory than it has ends, and with it the run.
 */
public final class ScaleSuite {
    private static final String PER_SECOND = "/s";
    private static final String SOURCE = "source";
    private static final String SINK = "sink";
    private static final List<String> ALL_KEYS = List.of(">");

    private final ScaleSettings settings;
    private final Options options;
    private final Report report;

    public ScaleSuite(Options options, Report report) {
        this.settings = ScaleSettings.of(options);
        this.options = options;
        this.report = report;
    }

    /** Runs everything, one after another. */
    public void run() throws Exception {
        report.describe("settings", settings);
        report.describe("processes", MirrorStack.processes());
        report.line(String.format(
                Locale.ROOT,
                "%d rounds after %d of warm-up, values of %,d bytes, workers with heaps of %s, %s with several tasks",
                settings.rounds(),
                settings.warmUps(),
                settings.valueBytes(),
                settings.workerHeap(),
                settings.taskHeap()));
        try (MirrorStack servers = new MirrorStack(options.profile(), plugins -> {})) {
            try (ConnectWorker worker = servers.worker("scale", false, settings.workerHeap())) {
                ScaleStack stack = new ScaleStack(servers, worker, servers.connection());
                byKeys(stack);
                byValueBytes(stack);
                new HotKey(stack, settings, report).run();
                new WorkerMemory(worker.pid())
                        .most()
                        .ifPresent(megabytes -> report.figure(
                                "worker-memory-max-mb", "MB", megabytes, new Samples(List.of(megabytes))));
            }
            try (ConnectWorker worker = servers.worker("scale-tasks", false, settings.taskHeap())) {
                byTasks(new ScaleStack(servers, worker, servers.connection()));
            }
        }
    }

    private void byKeys(ScaleStack stack) throws Exception {
        report.line("By the number of keys");
        for (int keys : settings.keys()) {
            Data data = new Data(keys, settings.valueBytes());
            stack.bucket(keysName(keys), data);
            stack.topic(keysName(keys), 1, data);
        }
        Map<Integer, List<Double>> fromStart = new HashMap<>();
        IntFunction<Rounds.Side> source = keys -> new SourceScale(
                stack,
                settings,
                keysName(keys),
                keys,
                ALL_KEYS,
                1,
                settings.runs(keys),
                fromStart.computeIfAbsent(keys, any -> new ArrayList<>()));
        IntFunction<Rounds.Side> sink =
                keys -> SinkScale.ofKeys(stack, "sink-" + keysName(keys), keysName(keys), keys, 1, settings.runs(keys));
        List<Samples> sourceRates = series("source-rate-by-keys", "keys", settings.keys(), source);
        Samples large = sourceRates.get(sourceRates.size() - 1);
        Samples small = sourceRates.get(0);
        report.figure("rate-large-per-s", PER_SECOND, large.median(), large);
        report.figure("rate-small-per-s", PER_SECOND, small.median(), small);
        cost("cost-per-key-large-to-small", sourceRates);
        cost(
                "cost-per-key-from-start-large-to-small",
                settings.keys().stream()
                        .map(fromStart::get)
                        .map(all -> new Samples(all.subList(settings.warmUps(), all.size())))
                        .toList());
        cost("sink-cost-per-key-large-to-small", series("sink-rate-by-keys", "keys", settings.keys(), sink));
        MemoryFigures memory = new MemoryFigures(new WorkerMemory(stack.worker().pid()), settings, report);
        memory.measure(SOURCE, source.apply(settings.largeKeys()), MemoryFigures.sourceBound(settings.valueBytes()));
        memory.measure(SINK, sink.apply(settings.largeKeys()), MemoryFigures.sinkBound());
        for (int keys : settings.keys()) {
            stack.deleteBucket(keysName(keys));
            stack.deleteTopic(keysName(keys));
        }
    }

    private static String keysName(int keys) {
        return "keys-" + keys;
    }

    private void cost(String name, List<Samples> rates) {
        Samples cost = rates.get(0).over(rates.get(rates.size() - 1));
        report.figure(name, "", cost.median(), cost);
    }

    private void byValueBytes(ScaleStack stack) throws Exception {
        report.line("By the length of values");
        for (int size : settings.sizes()) {
            Data data = new Data(settings.values(size), size);
            stack.bucket(sizeName(size), data);
            stack.topic(sizeName(size), 1, data);
        }
        List<Samples> source = series(
                "source-rate-by-value-bytes",
                "bytes",
                settings.sizes(),
                size -> new SourceScale(
                        stack, settings, sizeName(size), settings.values(size), ALL_KEYS, 1, 1, new ArrayList<>()));
        megabytes("source-mb-by-value-bytes", source);
        List<Samples> sink = series(
                "sink-rate-by-value-bytes",
                "bytes",
                settings.sizes(),
                size -> SinkScale.ofKeys(stack, "sink-" + sizeName(size), sizeName(size), settings.values(size), 1, 1));
        megabytes("sink-mb-by-value-bytes", sink);
        for (int size : settings.sizes()) {
            stack.deleteBucket(sizeName(size));
            stack.deleteTopic(sizeName(size));
        }
    }

    private static String sizeName(int size) {
        return "bytes-" + size;
    }

    private void megabytes(String name, List<Samples> rates) {
        List<Report.Point> points = new ArrayList<>();
        for (int i = 0; i < rates.size(); i++) {
            int size = settings.sizes().get(i);
            List<Double> megabytes = rates.get(i).values().stream()
                    .map(rate -> rate * size / 1e6)
                    .toList();
            points.add(new Report.Point(size, new Samples(megabytes)));
        }
        report.series(name, "bytes", "MB/s", points);
    }

    private void byTasks(ScaleStack stack) throws Exception {
        report.line("By the number of tasks");
        int most = settings.tasks().stream().mapToInt(Integer::intValue).max().orElseThrow();
        Data data =
                new Data(settings.taskKeys(), settings.valueBytes(), i -> String.format("part%d.%08d", i % most, i));
        List<String> filters =
                IntStream.range(0, most).mapToObj(i -> "part" + i + ".>").toList();
        String name = "tasks";
        stack.bucket(name, data);
        stack.topic(name, most, data);
        // Each side with all filters: with fewer tasks than filters a task has several.
        series(
                "source-rate-by-tasks",
                "tasks",
                settings.tasks(),
                tasks -> new Named(
                        name + "-" + tasks,
                        new SourceScale(
                                stack, settings, name, settings.taskKeys(), filters, tasks, 1, new ArrayList<>())));
        series(
                "sink-rate-by-tasks",
                "tasks",
                settings.tasks(),
                tasks -> SinkScale.ofKeys(stack, "sink-tasks-" + tasks, name, settings.taskKeys(), tasks, 1));
    }

    /** A side under another name. */
    private record Named(String name, Rounds.Side side) implements Rounds.Side {
        @Override
        public double run() throws Exception {
            return side.run();
        }
    }

    /** Runs the sides by turns, and reports the rates along their numbers. */
    private List<Samples> series(String name, String along, List<Integer> numbers, IntFunction<Rounds.Side> sides)
            throws Exception {
        List<Rounds.Side> all = new ArrayList<>();
        for (int number : numbers) {
            all.add(sides.apply(number));
        }
        Map<String, Samples> rates =
                new Rounds(settings.warmUps(), settings.rounds(), line -> report.line("  " + line)).run(all);
        List<Samples> samples = List.copyOf(rates.values());
        List<Report.Point> points = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            points.add(new Report.Point(numbers.get(i), samples.get(i)));
        }
        report.series(name, along, PER_SECOND, points);
        return samples;
    }
}
