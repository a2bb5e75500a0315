package io.natskv.benchmarks.mirror;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The no-op source as a plugin. */
final class NoopPlugin {
    static final String CONNECTOR = "io.natskv.benchmarks.noop.NoopSourceConnector";

    private static final String TASK = "io.natskv.benchmarks.noop.NoopSourceTask";

    private NoopPlugin() {}

    static void install(Path pluginPath) throws IOException {
        PluginJar.write(
                Files.createDirectory(pluginPath.resolve("noop-source")),
                "org.apache.kafka.connect.source.SourceConnector",
                List.of(CONNECTOR),
                List.of(TASK));
    }
}
