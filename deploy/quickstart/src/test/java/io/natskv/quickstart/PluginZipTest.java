package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginZipTest {
    @TempDir
    Path folder;

    private Path zip(String... entries) throws IOException {
        Path zip = folder.resolve("plugin.zip");
        try (OutputStream out = Files.newOutputStream(zip);
                ZipOutputStream zipped = new ZipOutputStream(out)) {
            for (String entry : entries) {
                zipped.putNextEntry(new ZipEntry(entry));
                if (!entry.endsWith("/")) {
                    zipped.write(entry.getBytes());
                }
                zipped.closeEntry();
            }
        }
        return zip;
    }

    @Test
    void unpacksFilesAndFolders() throws IOException {
        Path target = Files.createDirectory(folder.resolve("plugins"));

        PluginZip.install(zip("p/", "p/lib/a.jar", "p/manifest.json"), target);

        assertThat(target.resolve("p/lib/a.jar")).hasContent("p/lib/a.jar");
        assertThat(target.resolve("p/manifest.json")).exists();
    }

    @Test
    void aFolderThatIsGoneStaysGone() throws IOException {
        Path zip = zip("p/", "p/a");
        Path target = folder.resolve("plugins");

        assertThatThrownBy(() -> PluginZip.install(zip, target)).isInstanceOf(UncheckedIOException.class);
        assertThat(target).doesNotExist();
    }

    @Test
    void refusesAnEntryOutsideOfItsFolder() throws IOException {
        Path zip = zip("../evil");
        Path target = Files.createDirectory(folder.resolve("plugins"));

        assertThatThrownBy(() -> PluginZip.install(zip, target))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("../evil");
        assertThat(folder.resolve("evil")).doesNotExist();
    }
}
