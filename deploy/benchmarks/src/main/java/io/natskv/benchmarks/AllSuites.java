package io.natskv.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Several suites one after another, each in a JVM of its own: what one has compiled, loaded and left on the heap is nothing to the next. When one
 * fails, the others are measured all the same.
 */
final class AllSuites {
    private final Options options;
    private final Path reports;
    private final Consumer<String> out;
    private final Launcher launcher;
    private final Runnable measured;

    /** Measures one suite. */
    @FunctionalInterface
    interface Launcher {
        /** Runs the program with these arguments and waits for its end. Returns the exit code. */
        int run(List<String> args) throws IOException, InterruptedException;
    }

    /**
     * @param reports a folder, which is made if it is not there
     * @param measured is run after each suite that has left a report
     */
    AllSuites(Options options, Path reports, Consumer<String> out, Launcher launcher, Runnable measured) {
        this.options = options;
        this.reports = reports;
        this.out = out;
        this.launcher = launcher;
        this.measured = measured;
    }

    /** @throws UserProblem if some suite could not be measured; the message names which */
    void run() throws IOException, InterruptedException {
        try {
            Files.createDirectories(reports);
        } catch (IOException e) {
            throw new UserProblem("Can't write into " + reports + ": " + e.getMessage());
        }
        List<String> failed = new ArrayList<>();
        long start = System.nanoTime();
        for (Options.Suite suite : options.suites()) {
            out.accept("== " + suite.word());
            long begun = System.nanoTime();
            if (launcher.run(options.forSuite(suite, reports)) != 0) {
                failed.add(suite.word());
            } else {
                tell();
            }
            out.accept("== " + suite.word() + " took " + minutes(begun));
        }
        if (!failed.isEmpty()) {
            throw new UserProblem("Not measured: " + String.join(", ", failed) + ". Reports of the others are in "
                    + reports + "; once mended: all --only " + String.join(",", failed) + " with the same folder.");
        }
        out.accept("All of it took " + minutes(start) + ". The reports are in " + reports + ".");
    }

    /** What can't be written now is no reason to measure nothing more. */
    private void tell() {
        try {
            measured.run();
        } catch (UserProblem e) {
            out.accept(e.getMessage());
        }
    }

    /** A JVM as this one is, which prints where this one prints. */
    static int launch(List<String> args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                // An agent that listens or records for this JVM, as coverage tools have, is not the other's.
                .filter(option -> !option.startsWith("-agent") && !option.startsWith("-javaagent"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Benchmarks.class.getName()));
        command.addAll(args);
        Process process = new ProcessBuilder(command).inheritIO().start();
        Thread ending = new Thread(process::destroy, "end of a suite");
        Runtime.getRuntime().addShutdownHook(ending);
        int exitCode = process.waitFor();
        Runtime.getRuntime().removeShutdownHook(ending);
        return exitCode;
    }

    private static String minutes(long start) {
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        return String.format(Locale.ROOT, "%d:%02d minutes", time.toMinutes(), time.toSecondsPart());
    }
}
