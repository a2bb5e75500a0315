package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is committed under src/generated is what the build generates. The build writes the folder anew; before that it
 * keeps a copy.
 */
class GeneratedSourcesTest {
    @Test
    void committedFilesAreThoseThatTheBuildGenerates() throws IOException {
        SortedMap<String, String> committed = read(Path.of(System.getProperty("natskv.generated.committed")));
        SortedMap<String, String> built = read(Path.of(System.getProperty("natskv.generated.built")));
        assertThat(built).isNotEmpty();
        assertThat(committed)
                .as("src/generated was out of date; the build has just written it anew: commit it")
                .isEqualTo(built);
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
