package io.natskv.testing.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A new folder under the system's temporary folder, deleted by {@link #close()} or when the JVM ends. */
public final class TempFolder implements AutoCloseable {
    private static final int ATTEMPTS = 5;

    private final Path path;

    private TempFolder(Path path) {
        this.path = path;
    }

    /**
     * Creates a folder.
     *
     * @param name a word for the folder's name, to recognise it by
     * @throws UncheckedIOException if it can't be created
     */
    public static TempFolder create(String name) {
        try {
            return new TempFolder(ExitGuard.instance().createFolder("natskv-" + name + "-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The folder. */
    public Path path() {
        return path;
    }

    /** Deletes the folder and all in it; a second call does nothing. Files that can't be deleted are left. */
    @Override
    public void close() {
        deleteTree(path);
        ExitGuard.instance().remove(path);
    }

    /**
     * Makes a folder a copy of another one: what was in it goes.
     *
     * @throws UncheckedIOException if that can't be done
     */
    public static void replace(Path folder, Path by) {
        deleteTree(folder);
        try (Stream<Path> tree = Files.walk(by)) {
            for (Path p : tree.toList()) {
                Files.copy(p, folder.resolve(by.relativize(p).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void deleteTree(Path root) {
        // A process that has just been killed may still be seen adding a file: try again.
        for (int attempt = 0; attempt < ATTEMPTS && Files.exists(root); attempt++) {
            try (Stream<Path> tree = Files.walk(root)) {
                List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
                for (Path p : deepestFirst) {
                    Files.deleteIfExists(p);
                }
            } catch (IOException | UncheckedIOException e) {
                // The next attempt lists what is there by then.
            }
        }
    }
}
