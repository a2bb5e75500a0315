package io.natskv.quickstart;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Installs the plugin as a user would: the zip, unpacked into a folder of {@code plugin.path}. */
final class PluginZip {
    private PluginZip() {}

    /** Unpacks the zip into a folder that is there. */
    static void install(Path zip, Path pluginPath) {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            Enumeration<? extends ZipEntry> entries = file.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                Path target = pluginPath.resolve(entry.getName()).normalize();
                if (!target.startsWith(pluginPath)) {
                    throw new IOException("the zip has an entry outside of its folder: " + entry.getName());
                }
                makeFolder(entry.isDirectory() ? target : target.getParent(), pluginPath);
                if (!entry.isDirectory()) {
                    try (InputStream in = file.getInputStream(entry)) {
                        Files.copy(in, target);
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The plugin " + zip + " can't be unpacked: " + e.getMessage(), e);
        }
    }

    /** Never the root itself: it is deleted when the program is interrupted, and is not to come back. */
    private static void makeFolder(Path folder, Path root) throws IOException {
        if (!folder.equals(root) && !Files.isDirectory(folder)) {
            makeFolder(folder.getParent(), root);
            Files.createDirectory(folder);
        }
    }
}
