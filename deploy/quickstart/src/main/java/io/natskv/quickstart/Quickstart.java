package io.natskv.quickstart;

import io.natskv.core.error.KvException;
import io.natskv.testing.process.ProcessStartException;
import io.natskv.testing.process.TempFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The quickstart's program: {@code deploy/quickstart/run} builds what it needs and starts it.
 *
 * <p>Exit code 0: the mirror is the same on all sides, or the help text was asked for; 1: it differs, or could not be made.
 */
public final class Quickstart {
    /** System property: the plugin zip to install. */
    static final String PLUGIN_ZIP = "natskv.plugin.zip";
    /** System property: where the program's own log goes. */
    private static final String LOG_FILE = "org.slf4j.simpleLogger.logFile";

    private final Output output;
    private final AtomicBoolean stopping = new AtomicBoolean();

    Quickstart(Output output) {
        this.output = output;
    }

    /** Runs the quickstart and ends the JVM. */
    public static void main(String[] args) {
        System.exit(new Quickstart(Output.standard()).run(List.of(args)));
    }

    /** Runs the quickstart; the return value is the exit code. */
    int run(List<String> args) {
        Cleanup cleanup = new Cleanup();
        Thread onInterrupt = new Thread(() -> interrupted(cleanup), "quickstart-end");
        if (!addHook(onInterrupt)) {
            return 1;
        }
        try {
            Optional<Options> options = Options.parse(args);
            if (options.isEmpty()) {
                Options.help().forEach(output::line);
                return 0;
            }
            logToFile(cleanup);
            return new Session(options.get(), pluginZip(), output, cleanup).run() ? 0 : 1;
        } catch (UserProblem | KvException | ProcessStartException e) {
            return failed(e.getMessage());
        } catch (RuntimeException e) {
            if (!stopping.get()) {
                e.printStackTrace();
            }
            return failed("Unexpected error: " + e);
        } finally {
            if (!stopping.get()) {
                cleanup.close();
                removeHook(onInterrupt);
            }
        }
    }

    /** What the libraries log would tear the view apart; what goes wrong is told on standard output. */
    private static void logToFile(Cleanup cleanup) {
        if (System.getProperty(LOG_FILE) == null) {
            Path folder = cleanup.add(TempFolder.create("quickstart")).path();
            System.setProperty(LOG_FILE, folder.resolve("quickstart.log").toString());
        }
    }

    private static Path pluginZip() {
        String zip = System.getProperty(PLUGIN_ZIP);
        if (zip == null) {
            throw new UserProblem("Start the quickstart by deploy/quickstart/run: it builds what is needed.");
        }
        return Path.of(zip);
    }

    private int failed(String message) {
        output.line("");
        output.line("quickstart: " + message);
        return 1;
    }

    private void interrupted(Cleanup cleanup) {
        stopping.set(true);
        output.lastLine("");
        output.lastLine("Stopping ...");
        cleanup.close();
        output.lastLine("Everything that was started has ended, and its files are removed.");
    }

    private static boolean addHook(Thread hook) {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            return true;
        } catch (IllegalStateException e) {
            // Interrupted already.
            return false;
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending, and the hook runs.
        }
    }
}
