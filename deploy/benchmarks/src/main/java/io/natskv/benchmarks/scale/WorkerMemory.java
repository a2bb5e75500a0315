package io.natskv.benchmarks.scale;

import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.Samples;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;

/** What memory a worker's process takes: its heap by the JDK's {@code jcmd}, all of it by the kernel. */
final class WorkerMemory {
    private static final double MB = 1e6;
    private static final double KB_PER_MB = 1_000;

    private final long pid;

    WorkerMemory(long pid) {
        this.pid = pid;
    }

    /** What is alive on the heap, in megabytes: the heap is collected for it. */
    double liveHeap() throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        process.waitFor();
        return total(lines);
    }

    /** The last line tells the instances and bytes of all classes. */
    static double total(List<String> histogram) {
        return histogram.stream()
                .filter(line -> line.startsWith("Total"))
                .map(line -> Long.parseLong(line.strip().split("\\s+")[2]) / MB)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "jcmd tells no total: " + (histogram.isEmpty() ? "nothing" : histogram.get(0))));
    }

    /** Runs a side, and looks at the heap again and again meanwhile; the rate means nothing then. */
    Samples liveHeapDuring(Rounds.Side side) throws Exception {
        CompletableFuture<Double> run = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        run.complete(side.run());
                    } catch (Exception e) {
                        run.completeExceptionally(e);
                    }
                },
                "memory of " + side.name());
        thread.start();
        List<Double> megabytes = new ArrayList<>();
        do {
            megabytes.add(liveHeap());
        } while (!run.isDone());
        run.get();
        return new Samples(megabytes);
    }

    /** The most that the process ever had in memory, in megabytes; empty where the kernel does not tell. */
    OptionalDouble most() throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.isReadable(status)) {
            return OptionalDouble.empty();
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1.024 / KB_PER_MB)
                .findFirst();
    }
}
