package io.natskv.benchmarks.materialise;

import io.natskv.benchmarks.mirror.PluginJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What ours is compared with, as a plugin, with the libraries of ours beside it. */
final class OtherSinks {
    static final String PUT_LOOP = "io.natskv.benchmarks.sinks.PutLoopSinkConnector";
    static final String NOOP = "io.natskv.benchmarks.sinks.NoopSinkConnector";
    static final String BATCH = "io.natskv.benchmarks.sinks.BatchSinkConnector";

    private OtherSinks() {}

    static void install(Path pluginPath) throws IOException {
        Path folder = Files.createDirectory(pluginPath.resolve("other-sinks"));
        copyLibraries(pluginPath, folder);
        PluginJar.write(
                folder,
                "org.apache.kafka.connect.sink.SinkConnector",
                List.of(PUT_LOOP, NOOP, BATCH),
                List.of(
                        "io.natskv.benchmarks.sinks.PlainSinkConnector",
                        "io.natskv.benchmarks.sinks.PlainSinkTask",
                        "io.natskv.benchmarks.sinks.PutLoopSinkTask",
                        "io.natskv.benchmarks.sinks.NoopSinkTask",
                        "io.natskv.benchmarks.sinks.BatchSinkTask"));
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
}
