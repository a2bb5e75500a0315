package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is committed under src/generated is what the build generates. The build writes the folder anew; before that it
 * keeps a copy.
 */
class GeneratedSourcesTest {
    @Test
    void committedFilesAreThoseThatTheBuildGenerates() throws IOException {
        SortedMap<String, String> committed;
        try (FileSystem zip = FileSystems.newFileSystem(Path.of(System.getProperty("natskv.generated.committed")))) {
            committed = read(zip.getPath("/"));
        }
        SortedMap<String, String> built = read(Path.of(System.getProperty("natskv.generated.built")));
        assertThat(built).isNotEmpty();
        SortedSet<String> drifted = new TreeSet<>(built.keySet());
        drifted.addAll(committed.keySet());
        drifted.removeIf(name -> Objects.equals(built.get(name), committed.get(name)));
        assertThat(drifted)
                .as("src/generated was out of date; the build has just written these files anew: commit them")
                .isEmpty();
    }

    private static SortedMap<String, String> read(Path folder) throws IOException {
        SortedMap<String, String> files = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.filter(Files::isRegularFile).forEach(path -> {
                try {
                    files.put(folder.relativize(path).toString(), Files.readString(path));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return files;
    }
}
