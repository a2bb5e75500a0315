package io.natskv.testing.nats;

import io.natskv.testing.process.TempFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fetches single packages of any Debian suite, through the machine's own apt configuration and without root.
 *
 * <p>The archive's address, its keyring and proxies are those of the machine. Lists and packages go to a temporary
 * folder, so nothing of the machine's own apt state is touched. What can't be verified with the machine's keyrings is
 * not used: the keyring of a release signs for its successor too, so no need was seen for less.
 */
public final class DebianArchive {
    private static final int ERROR_LINES = 3;

    private final Path sourcesList;
    private final Path sourcesParts;

    /**
     * An archive named by given files.
     *
     * @param sourcesList a file as /etc/apt/sources.list; may be missing
     * @param sourcesParts a folder as /etc/apt/sources.list.d; may be missing
     */
    public DebianArchive(Path sourcesList, Path sourcesParts) {
        this.sourcesList = sourcesList;
        this.sourcesParts = sourcesParts;
    }

    /** The archive that this machine's apt uses. */
    public static DebianArchive ofThisMachine() {
        return new DebianArchive(Path.of("/etc/apt/sources.list"), Path.of("/etc/apt/sources.list.d"));
    }

    /**
     * Downloads a package and takes one file out of it.
     *
     * @param suite the Debian suite
     * @param name the package
     * @param member the file's path inside the package, without a leading slash
     * @param target is overwritten with it
     * @throws IOException if there is no apt, no Debian archive, no network, or no such package or file
     */
    public void extract(String suite, String name, String member, Path target) throws IOException {
        AptSource source = AptSource.ofDebian(sourcesList, sourcesParts)
                .orElseThrow(() -> new IOException("apt on this machine knows no Debian archive"));
        try (TempFolder temp = TempFolder.create("apt")) {
            Path home = temp.path();
            Path download = Files.createDirectories(home.resolve("download"));
            Files.createDirectories(home.resolve("lists/partial"));
            Files.createDirectories(home.resolve("cache/archives/partial"));
            Path sources = home.resolve("private.sources");
            Files.writeString(sources, source.stanza(suite), StandardCharsets.UTF_8);

            run(home, aptGet(home, sources, "update"));
            run(download, aptGet(home, sources, "download", name));
            Path tree = Files.createDirectories(home.resolve("tree"));
            run(home, List.of("dpkg-deb", "-x", onlyFile(download).toString(), tree.toString()));
            Path file = tree.resolve(member);
            if (!Files.isRegularFile(file)) {
                throw new IOException("Debian's package " + name + " of " + suite + " holds no " + member);
            }
            Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static List<String> aptGet(Path home, Path sources, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "apt-get",
                "-q",
                "-o",
                "Dir::Etc::sourcelist=" + sources,
                "-o",
                "Dir::Etc::sourceparts=-",
                "-o",
                "Dir::State::lists=" + home.resolve("lists"),
                "-o",
                "Dir::Cache=" + home.resolve("cache"),
                "-o",
                "Debug::NoLocking=1",
                // As root, apt drops to a user that may not enter our folder.
                "-o",
                "APT::Sandbox::User=" + System.getProperty("user.name"),
                "-o",
                "Acquire::Languages=none",
                // An unreachable archive is otherwise a mere warning of "update".
                "-o",
                "APT::Update::Error-Mode=any"));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    private static Path onlyFile(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt-get downloaded no package"));
        }
    }

    private static void run(Path directory, List<String> command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .toList();
        if (process.onExit().join().exitValue() != 0) {
            List<String> errors = lines.stream()
                    .filter(line -> line.startsWith("E: ") || line.startsWith("dpkg"))
                    .limit(ERROR_LINES)
                    .toList();
            throw new IOException(command.get(0) + " failed: " + String.join(" ", errors.isEmpty() ? lines : errors));
        }
    }
}
