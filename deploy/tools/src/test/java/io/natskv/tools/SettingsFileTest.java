package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFileTest {
    @TempDir
    Path folder;

    @Test
    void readsPropertiesAndBothFormsOfJson() throws IOException {
        Map<String, String> expected = Map.of("name", "s", "tasks.max", "2", "topics", "a,b");
        assertThat(SettingsFile.connector(file("name=s\ntasks.max=2\ntopics=a,b\n")))
                .isEqualTo(expected);
        assertThat(SettingsFile.connector(file("{\"name\":\"s\",\"tasks.max\":2,\"topics\":\"a,b\"}")))
                .isEqualTo(expected);
        assertThat(SettingsFile.connector(
                        file("{\"name\":\"s\",\"config\":{\"tasks.max\":\"2\",\"topics\":\"a,b\",\"x\":null}}")))
                .isEqualTo(expected);
    }

    @Test
    void replacesReferencesAsAWorkerDoes() throws IOException {
        Path secrets = file("password=s3cr3t\n");
        Map<String, String> settings = SettingsFile.connector(
                file("nats.password=${file:" + secrets + ":password}\nnats.token=${vault:a:b}\npath=${env:PATH}\n"));
        assertThat(settings).containsEntry("nats.password", "s3cr3t").containsEntry("path", System.getenv("PATH"));
        assertThat(SettingsFile.unresolved(settings)).containsExactly("nats.token");
    }

    @Test
    void neverQuotesWhatItCanNotRead() throws IOException {
        Path broken = file("{\"nats.password\": \"s3cr3t\" oops}");
        assertThatThrownBy(() -> SettingsFile.connector(broken))
                .isInstanceOf(ToolException.class)
                .hasMessageContaining("line 1")
                .hasMessageNotContaining("s3cr3t");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(Files.createTempFile(folder, "settings", ""), text);
    }
}
