package io.natskv.benchmarks.materialise;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/** Packs the sink that puts one by one into a plugin folder of its own, with the libraries of ours beside it. */
final class PutLoopPlugin {
    // By name: this JVM has no Connect, and could not load them.
    static final String CONNECTOR = "io.natskv.benchmarks.putloop.PutLoopSinkConnector";

    private static final String TASK = "io.natskv.benchmarks.putloop.PutLoopSinkTask";

    private PutLoopPlugin() {}

    static void install(Path pluginPath) throws IOException {
        Path folder = Files.createDirectory(pluginPath.resolve("put-loop-sink"));
        copyLibraries(pluginPath, folder);
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(folder.resolve("put-loop-sink.jar")))) {
            for (String type : List.of(CONNECTOR, TASK)) {
                String file = type.replace('.', '/') + ".class";
                try (InputStream in = PutLoopPlugin.class.getResourceAsStream("/" + file)) {
                    add(jar, file, in.readAllBytes());
                }
            }
            add(
                    jar,
                    "META-INF/services/org.apache.kafka.connect.sink.SinkConnector",
                    CONNECTOR.getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Those of our plugin that are no connector. */
    private static void copyLibraries(Path pluginPath, Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(pluginPath)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                boolean library = name.endsWith(".jar")
                        && Stream.of("jnats", "jspecify", "bcprov").anyMatch(name::startsWith);
                if (library) {
                    Files.copy(file, folder.resolve(name));
                }
            }
        }
    }

    private static void add(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(bytes);
        jar.closeEntry();
    }
}
