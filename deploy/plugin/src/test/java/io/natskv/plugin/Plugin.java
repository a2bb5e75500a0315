package io.natskv.plugin;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The zip that this build has made. */
final class Plugin {
    static final ObjectMapper JSON = new ObjectMapper();

    private Plugin() {}

    static String version() {
        return System.getProperty("natskv.version");
    }

    static Path zip() {
        return Path.of(System.getProperty("natskv.plugin.zip"));
    }

    /** The name of the one folder at its top. */
    static String topFolder() {
        return "nats-kv-connect-" + version();
    }

    static List<ZipEntry> entries() throws IOException {
        try (ZipFile zip = new ZipFile(zip().toFile())) {
            return zip.stream().map(ZipEntry.class::cast).toList();
        }
    }

    /** The bytes of a file in its folder. */
    static byte[] read(String path) throws IOException {
        try (ZipFile zip = new ZipFile(zip().toFile());
                InputStream in = zip.getInputStream(zip.getEntry(topFolder() + "/" + path))) {
            return in.readAllBytes();
        }
    }

    /** Unpacks it, as a user installs it. */
    static void install(Path pluginPath) throws IOException {
        try (ZipFile zip = new ZipFile(zip().toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path target = pluginPath.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    try (InputStream in = zip.getInputStream(entry)) {
                        Files.copy(in, target);
                    }
                }
            }
        }
    }

    /** The configuration of an example that it ships, as {@code nats-kv-source}. */
    static Map<String, String> example(String name) throws IOException {
        JsonNode example = JSON.readTree(read("etc/" + name + ".json"));
        return JSON.convertValue(example.get("config"), new TypeReference<>() {});
    }
}
