package io.natskv.testing.nats;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Provides a {@code nats-server} program of a wanted version.
 *
 * <p>Taken in this order: the variable {@value #VARIABLE}; the PATH (and the system's sbin folders, where Debian puts
 * it); the user's cache, {@code $XDG_CACHE_HOME/natskv/nats-server/<version>} or the same under {@code ~/.cache};
 * Debian's package of the version's suite, fetched through the machine's own apt configuration into that cache, without
 * root. A program of another release line is passed over. Several JVMs may ask at once.
 */
public final class NatsServerBinary {
    /** The environment variable that names a program. */
    public static final String VARIABLE = "NATS_SERVER_BIN";

    private static final String PROGRAM = "nats-server";
    private static final List<String> SBIN = List.of("/usr/local/sbin", "/usr/sbin");
    private static final Pattern VERSION = Pattern.compile("nats-server: v?(\\d+\\.\\d+\\.\\d+\\S*)");
    private static final long VERSION_SECONDS = 10;

    private final Map<String, String> environment;
    private final DebianArchive archive;
    private final Consumer<String> progress;

    /**
     * Looks in a given environment.
     *
     * @param environment its variables {@value #VARIABLE}, PATH, XDG_CACHE_HOME and HOME are read
     * @param archive where packages come from
     * @param progress is told, a line each, of what takes long and of what is passed over
     */
    public NatsServerBinary(Map<String, String> environment, DebianArchive archive, Consumer<String> progress) {
        this.environment = Map.copyOf(environment);
        this.archive = archive;
        this.progress = progress;
    }

    /** The program of this version, on this machine; see {@link #of(NatsVersion, Consumer)}. */
    public static Path of(NatsVersion version) {
        return of(version, line -> {});
    }

    /**
     * The program of this version, on this machine.
     *
     * @param progress is told, a line each, of what takes long and of what is passed over
     * @throws IllegalStateException if there is none; the message says in three lines how to get one
     */
    public static Path of(NatsVersion version, Consumer<String> progress) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.merge(
                "PATH", String.join(File.pathSeparator, SBIN), (path, sbin) -> path + File.pathSeparator + sbin);
        return new NatsServerBinary(environment, DebianArchive.ofThisMachine(), progress).find(version);
    }

    /**
     * The program of this version.
     *
     * @throws IllegalStateException if there is none; the message says in three lines how to get one
     */
    public Path find(NatsVersion version) {
        List<String> reasons = new ArrayList<>();
        return given(version, reasons)
                .or(() -> onPath(version))
                .or(() -> cached(version))
                .or(() -> fetched(version, reasons))
                .orElseThrow(() -> new IllegalStateException(howToGet(version, reasons)));
    }

    /** What a program says of its version, as 2.15.1; empty if it can't be run or is no NATS server. */
    public static Optional<String> versionOf(Path program) {
        if (!Files.isExecutable(program) || Files.isDirectory(program)) {
            return Optional.empty();
        }
        try {
            Process process = new ProcessBuilder(program.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(VERSION_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Matcher matcher = VERSION.matcher(out);
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private Optional<Path> given(NatsVersion version, List<String> reasons) {
        String value = environment.getOrDefault(VARIABLE, "");
        if (value.isBlank()) {
            return Optional.empty();
        }
        Path program = Path.of(value);
        Optional<String> found = versionOf(program);
        if (found.filter(version::accepts).isPresent()) {
            return Optional.of(program);
        }
        String reason = VARIABLE + "=" + program + " is "
                + found.map(v -> "version " + v).orElse("no program that tells a NATS server's version");
        reasons.add(reason);
        progress.accept(reason + ", wanted " + version.line() + ": passed over");
        return Optional.empty();
    }

    private Optional<Path> onPath(NatsVersion version) {
        for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
            Path program = Path.of(folder).resolve(PROGRAM);
            if (!folder.isBlank() && versionOf(program).filter(version::accepts).isPresent()) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }

    private Optional<Path> cached(NatsVersion version) {
        Path program = cacheFolder().resolve(version.number()).resolve(PROGRAM);
        return versionOf(program).filter(version::accepts).map(v -> program);
    }

    private Optional<Path> fetched(NatsVersion version, List<String> reasons) {
        try {
            Files.createDirectories(cacheFolder());
            // Threads of this JVM wait here, other JVMs at the file's lock.
            synchronized (NatsServerBinary.class) {
                try (FileChannel channel = FileChannel.open(
                                cacheFolder().resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                        FileLock lock = channel.lock()) {
                    return lock.isValid() ? cached(version).or(() -> fetch(version, reasons)) : Optional.empty();
                }
            }
        } catch (IOException e) {
            reasons.add("the cache " + cacheFolder() + " can't be used: " + e);
            return Optional.empty();
        }
    }

    private Optional<Path> fetch(NatsVersion version, List<String> reasons) {
        progress.accept("downloading nats-server " + version + " (Debian " + version.suite() + ") ...");
        try {
            Path target = cacheFolder().resolve(version.number());
            Files.createDirectories(target);
            Path fresh = Files.createTempFile(target, PROGRAM, ".part");
            try {
                archive.extract(version.suite(), PROGRAM, "usr/sbin/" + PROGRAM, fresh);
                Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
                String got = versionOf(fresh).orElse("unknown");
                if (!version.accepts(got)) {
                    reasons.add("Debian " + version.suite() + " carries version " + got);
                    return Optional.empty();
                }
                Path program = target.resolve(PROGRAM);
                Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                progress.accept("nats-server " + got + " is in " + program
                        + (got.equals(version.number()) ? "" : " (Debian carries it in place of " + version + ")"));
                return Optional.of(program);
            } finally {
                Files.deleteIfExists(fresh);
            }
        } catch (IOException e) {
            reasons.add(e.getMessage());
            return Optional.empty();
        }
    }

    private Path cacheFolder() {
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        // A relative XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification).
        Path cache = xdg.startsWith("/")
                ? Path.of(xdg)
                : Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".cache");
        return cache.resolve("natskv").resolve(PROGRAM);
    }

    private static String howToGet(NatsVersion version, List<String> reasons) {
        String why = reasons.isEmpty() ? "" : " (" + String.join("; ", reasons).replaceAll("\\s+", " ") + ")";
        return "No nats-server " + version.line() + " was found" + why
                + ". Install Debian's package nats-server of the suite "
                + version.suite() + ",\n"
                + "or set " + VARIABLE + " to the path of a nats-server " + version.line() + ",\n"
                + "or put a nats-server " + version.line() + " on the PATH.";
    }
}
