package io.natskv.benchmarks;

import io.natskv.benchmarks.camel.CamelSuite;
import io.natskv.benchmarks.core.CoreSuite;
import io.natskv.benchmarks.materialise.MaterialiseSuite;
import io.natskv.benchmarks.mirror.MirrorSuite;
import io.natskv.benchmarks.page.Page;
import io.natskv.benchmarks.page.SuiteReport;
import io.natskv.benchmarks.scale.ScaleSuite;
import io.natskv.core.error.KvException;
import io.natskv.testing.process.ProcessStartException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The benchmarks' program: {@code deploy/benchmarks/run} builds what it needs and starts it.
 *
 * <p>Exit code 0: everything was measured, or the help text was asked for; 1: not. Whether a figure is good enough is not judged here.
 */
public final class Benchmarks {
    /** The system property that names the suite's folder. */
    static final String SUITE_DIR = "natskv.suite.dir";

    private final Consumer<String> out;
    private final AllSuites.Launcher launcher;

    /** @param out takes the lines */
    Benchmarks(Consumer<String> out) {
        this(out, AllSuites::launch);
    }

    /** @param launcher measures a suite in a JVM of its own */
    Benchmarks(Consumer<String> out, AllSuites.Launcher launcher) {
        this.out = out;
        this.launcher = launcher;
    }

    /** Does what the arguments say and ends the JVM. */
    public static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        System.exit(new Benchmarks(out::println).run(List.of(args)));
    }

    /** Does what the arguments say; the return value is the exit code. */
    int run(List<String> args) {
        try {
            Optional<Options> options = Options.parse(args);
            if (options.isEmpty()) {
                Options.help().forEach(out);
                return 0;
            }
            run(options.get());
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

    private void run(Options options) throws Exception {
        // Told now, not after half an hour.
        options.json().ifPresent(Benchmarks::checkWritable);
        options.profile().ifPresent(Benchmarks::checkFolder);
        switch (options.command()) {
            case SUITE -> measure(options);
            case ALL -> measureAll(options);
            case REPORT ->
                page(
                        options.from().orElseGet(Benchmarks::reference),
                        options.to().orElseGet(Benchmarks::referencePage));
        }
    }

    private void measure(Options options) throws Exception {
        Report report = new Report(options.suite().word(), out);
        switch (options.suite()) {
            case CORE -> new CoreSuite(options, report).run();
            case MIRROR -> new MirrorSuite(options, report).run();
            case MATERIALISE -> new MaterialiseSuite(options, report).run();
            case CAMEL -> new CamelSuite(options, report).run();
            case SCALE -> new ScaleSuite(options, report).run();
        }
        report.end();
        options.json().ifPresent(report::write);
        options.out().ifPresent(report::writeFolder);
    }

    private void measureAll(Options options) throws Exception {
        Path reports = options.reference() ? reference() : options.out().orElseGet(Benchmarks::newFolder);
        // After each suite: a run that is broken off, or a suite that fails, leaves a page of the reports that are
        // there.
        Runnable measured = options.reference() ? () -> page(reports, referencePage()) : () -> {};
        new AllSuites(options, reports, out, launcher, measured).run();
    }

    private void page(Path reports, Path file) {
        List<SuiteReport> found = SuiteReport.readAll(reports);
        if (found.isEmpty()) {
            throw new UserProblem("No suite has left a report in " + reports + ": run all --out DIR makes them.");
        }
        new Page(found).write(file);
        out.accept("The page is " + file + ".");
    }

    private static Path reference() {
        return home().resolve("reference");
    }

    private static Path referencePage() {
        return suiteDir().resolve("docs").resolve("benchmarks.md");
    }

    private static Path newFolder() {
        String time = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss"));
        return home().resolve("target").resolve("reports").resolve(time);
    }

    private static Path home() {
        return suiteDir().resolve("deploy").resolve("benchmarks");
    }

    private static Path suiteDir() {
        String folder = System.getProperty(SUITE_DIR, "");
        if (folder.isEmpty()) {
            throw new UserProblem("System property " + SUITE_DIR + " names no folder: use deploy/benchmarks/run.");
        }
        return Path.of(folder);
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
