package io.natskv.soak;

import io.natskv.testing.process.TempFolder;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The soak's program: {@code deploy/soak/run} builds what it needs and starts it.
 *
 * <p>Exit code 0: all was as it must be, or the help text was asked for; 1: it was not; 2: the command line is wrong.
 */
public final class Soak {
    /** System property: the plugin zip to install. */
    static final String PLUGIN_ZIP = "natskv.plugin.zip";

    private Soak() {}

    /** Runs the soak and ends the JVM. */
    public static void main(String[] args) throws Exception {
        System.exit(run(List.of(args), System.out));
    }

    /** Runs the soak; the return value is the exit code. */
    static int run(List<String> args, PrintStream out) throws Exception {
        try (TempFolder folder = TempFolder.create("soak")) {
            Optional<Options> options = Options.parse(args);
            if (options.isEmpty()) {
                Options.help().forEach(out::println);
                return 0;
            }
            Path zip = Path.of(System.getProperty(PLUGIN_ZIP, ""));
            if (!Files.isRegularFile(zip)) {
                throw new UserProblem("Start the soak by deploy/soak/run: it builds what is needed.");
            }
            Path journal = folder.path().resolve("journal.log");
            Path kept = options.get()
                    .keep()
                    .toAbsolutePath()
                    .resolve("seed-" + options.get().seed() + "-"
                            + ProcessHandle.current().pid());
            boolean good = new Session(options.get(), zip, new Journal(out, journal)).run(kept);
            if (!good) {
                Files.createDirectories(kept); // nothing is there yet if nothing began
                Files.copy(journal, kept.resolve("journal.log"));
            }
            return good ? 0 : 1;
        } catch (UserProblem e) {
            out.println(e.getMessage());
            return 2;
        }
    }
}
