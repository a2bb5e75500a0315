package io.natskv.benchmarks;

import io.natskv.benchmarks.camel.CamelSuite;
import io.natskv.benchmarks.core.CoreSuite;
import io.natskv.benchmarks.materialise.MaterialiseSuite;
import io.natskv.benchmarks.mirror.MirrorSuite;
import io.natskv.benchmarks.mirror.ScaleSuite;
import io.natskv.core.error.KvException;
import io.natskv.testing.process.ProcessStartException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The benchmarks' program: {@code deploy/benchmarks/run} builds what it needs and starts it.
 *
 * <p>Exit code 0: everything was measured, or the help text was asked for; 1: not. Whether a figure is good enough is not judged here.
 */
public final class Benchmarks {
    private final Consumer<String> out;

    /** @param out takes the lines */
    Benchmarks(Consumer<String> out) {
        this.out = out;
    }

    /** Runs a suite and ends the JVM. */
    public static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.exit(new Benchmarks(out::println).run(List.of(args)));
    }

    /** Runs a suite; the return value is the exit code. */
    int run(List<String> args) {
        try {
            Optional<Options> options = Options.parse(args);
            if (options.isEmpty()) {
                Options.help().forEach(out);
                return 0;
            }
            measure(options.get());
            return 0;
        } catch (UserProblem | KvException | ProcessStartException e) {
            out.accept("benchmarks: " + e.getMessage());
            return 1;
        } catch (Exception e) {
            e.printStackTrace();
            out.accept("benchmarks: unexpected error: " + e);
            return 1;
        }
    }

    private void measure(Options options) throws Exception {
        // Told now, not after half an hour.
        options.json().ifPresent(Benchmarks::checkWritable);
        options.profile().ifPresent(Benchmarks::checkFolder);
        Report report = new Report(options.suite().name().toLowerCase(Locale.ROOT), out);
        switch (options.suite()) {
            case CORE -> new CoreSuite(options, report).run();
            case MIRROR -> new MirrorSuite(options, report).run();
            case MATERIALISE -> new MaterialiseSuite(options, report).run();
            case CAMEL -> new CamelSuite(options, report).run();
            case SCALE -> new ScaleSuite(options, report).run();
        }
        options.json().ifPresent(report::write);
    }

    private static void checkFolder(Path folder) {
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw new UserProblem("Can't write into " + folder + ": --profile takes a folder that exists.");
        }
    }

    private static void checkWritable(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isWritable(folder) || Files.isDirectory(file) || Files.exists(file) && !Files.isWritable(file)) {
            throw new UserProblem("Can't write " + file + ": --json takes a file in a folder that exists.");
        }
    }
}
