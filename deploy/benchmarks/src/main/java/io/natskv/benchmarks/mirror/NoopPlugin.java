package io.natskv.benchmarks.mirror;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Packs the no-op source into a plugin folder of its own, so that the worker loads it as it loads ours. */
final class NoopPlugin {
    // By name: this JVM has no Connect, and could not load them.
    static final String CONNECTOR = "io.natskv.benchmarks.noop.NoopSourceConnector";

    private static final String TASK = "io.natskv.benchmarks.noop.NoopSourceTask";

    private NoopPlugin() {}

    static void install(Path pluginPath) throws IOException {
        Path folder = Files.createDirectory(pluginPath.resolve("noop-source"));
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(folder.resolve("noop-source.jar")))) {
            for (String type : List.of(CONNECTOR, TASK)) {
                String file = type.replace('.', '/') + ".class";
                try (InputStream in = NoopPlugin.class.getResourceAsStream("/" + file)) {
                    add(jar, file, in.readAllBytes());
                }
            }
            add(
                    jar,
                    "META-INF/services/org.apache.kafka.connect.source.SourceConnector",
                    CONNECTOR.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void add(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(bytes);
        jar.closeEntry();
    }
}
