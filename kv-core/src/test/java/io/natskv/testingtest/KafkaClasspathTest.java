package io.natskv.testingtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.testing.kafka.KafkaClasspath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaClasspathTest {
    @TempDir
    Path folder;

    @Test
    void aFolderMeansItsJars() throws IOException {
        Files.createFile(folder.resolve("a.jar"));

        assertThat(KafkaClasspath.of(folder.toString())).isEqualTo(folder + "/*");
    }

    @Test
    void aClassPathStaysAsItIs() {
        assertThat(KafkaClasspath.of("/a.jar:/b.jar")).isEqualTo("/a.jar:/b.jar");
        assertThat(KafkaClasspath.of("/a/*")).isEqualTo("/a/*");
    }

    @Test
    void aFolderWithoutJarsIsNamed() {
        assertThatThrownBy(() -> KafkaClasspath.of(folder.toString())).hasMessageContaining(folder.toString());
    }

    @Test
    void theMissingPropertyIsNamed() {
        assertThat(System.getProperty(KafkaClasspath.PROPERTY)).isNull();

        assertThatThrownBy(KafkaClasspath::resolve).hasMessageContaining("natskv.kafka.classpath");
    }
}
