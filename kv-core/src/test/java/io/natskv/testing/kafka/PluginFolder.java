package io.natskv.testing.kafka;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Installs a Connect plugin as a user would: the zip, unpacked into a folder of {@code plugin.path}. */
public final class PluginFolder {
    private PluginFolder() {}

    /**
     * Unpacks a zip.
     *
     * @param pluginPath a folder that is there
     * @throws IOException if it can't be read, or an entry lies outside of the folder
     */
    public static void unpack(Path zip, Path pluginPath) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry : file.stream().map(ZipEntry.class::cast).toList()) {
                Path target = pluginPath.resolve(entry.getName()).normalize();
                if (!target.startsWith(pluginPath)) {
                    throw new IOException("The zip has an entry outside of its folder: " + entry.getName());
                }
                Files.createDirectories(entry.isDirectory() ? target : target.getParent());
                if (!entry.isDirectory()) {
                    try (InputStream in = file.getInputStream(entry)) {
                        Files.copy(in, target);
                    }
                }
            }
        }
    }
}
