package io.natskv.benchmarks.mirror;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Packs connectors of the benchmarks into a plugin folder, so that the worker loads them as it loads ours. */
public final class PluginJar {
    private PluginJar() {}

    /**
     * @param folder of the plugin, in a worker's plugin path
     * @param kind the interface of the connectors
     * @param connectors names of their classes: this JVM has no Connect, and could not load them
     * @param others names of what they need beside
     */
    public static void write(Path folder, String kind, List<String> connectors, List<String> others)
            throws IOException {
        Path file = folder.resolve(folder.getFileName() + ".jar");
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
            for (List<String> types : List.of(connectors, others)) {
                for (String type : types) {
                    addClass(jar, type.replace('.', '/') + ".class");
                }
            }
            add(jar, "META-INF/services/" + kind, String.join("\n", connectors).getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void addClass(JarOutputStream jar, String file) throws IOException {
        try (InputStream in = PluginJar.class.getResourceAsStream("/" + file)) {
            add(jar, file, in.readAllBytes());
        }
    }

    private static void add(JarOutputStream jar, String name, byte[] bytes) throws IOException {
        jar.putNextEntry(new JarEntry(name));
        jar.write(bytes);
        jar.closeEntry();
    }
}
