package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the zip. Whether it works is shown by the other tests. */
class PluginZipIT {
    /**
     * Every jar that we ship, without its version. A jar that the worker provides (kafka-clients, connect-api, slf4j-api) must never
     * be among them: its classes would be loaded twice.
     */
    private static final Set<String> ALLOWED =
            Set.of("connect-sink", "connect-source", "kv-core", "jnats", "agrona", "bcprov-lts8on", "jspecify");

    /** The suite's own jars, under its own licence. */
    private static final Set<String> OURS = Set.of("connect-sink", "connect-source", "kv-core");

    @Test
    void libHoldsTheAllowedJarsAndNothingElse() throws IOException {
        assertThat(jars()).isEqualTo(ALLOWED);
    }

    @Test
    void noJarHoldsClassesThatTheWorkerProvides() throws IOException {
        for (ZipEntry entry : Plugin.entries()) {
            if (entry.getName().endsWith(".jar")) {
                assertThat(classesOf(entry))
                        .as(entry.getName())
                        .isNotEmpty()
                        .noneMatch(name -> name.startsWith("org/apache/kafka/") || name.startsWith("org/slf4j/"));
            }
        }
    }

    @Test
    void hasTheLayoutOfAPlugin() throws IOException {
        List<String> names = Plugin.entries().stream().map(ZipEntry::getName).toList();

        assertThat(names).allMatch(name -> name.startsWith(Plugin.topFolder() + "/"));
        assertThat(names)
                .contains(
                        Plugin.topFolder() + "/manifest.json",
                        Plugin.topFolder() + "/doc/README.md",
                        Plugin.topFolder() + "/doc/LICENSE",
                        Plugin.topFolder() + "/doc/NOTICE",
                        Plugin.topFolder() + "/doc/licenses/bouncy-castle.txt",
                        Plugin.topFolder() + "/etc/nats-kv-source.json",
                        Plugin.topFolder() + "/etc/nats-kv-sink.json");
    }

    @Test
    void theNoticeNamesTheJarsOfOthersInLibAndNothingElse() throws IOException {
        String notice = new String(Plugin.read("doc/NOTICE"), StandardCharsets.UTF_8);

        Set<String> named = Pattern.compile("(?m)^  (\\S+)")
                .matcher(notice)
                .results()
                .map(line -> line.group(1))
                .collect(Collectors.toSet());
        Set<String> others = jars();
        others.removeAll(OURS);

        assertThat(others).isNotEmpty();
        assertThat(named).isEqualTo(others);
    }

    @Test
    void theManifestNamesThisVersion() throws IOException {
        JsonNode manifest = Plugin.JSON.readTree(Plugin.read("manifest.json"));

        assertThat(manifest.get("name").asText()).isEqualTo("nats-kv-connect");
        assertThat(manifest.get("version").asText()).isEqualTo(Plugin.version());
        assertThat(manifest.get("component_types")).extracting(JsonNode::asText).containsExactly("source", "sink");
        assertThat(manifest.get("release_date").asText()).isEqualTo(System.getProperty("natskv.build.time"));
    }

    /** A zip that is built twice is the same, byte for byte: no file has the time of the build. */
    @Test
    void everyEntryHasTheTimeOfTheVersion() throws IOException {
        LocalDateTime time =
                LocalDateTime.ofInstant(Instant.parse(System.getProperty("natskv.build.time")), ZoneOffset.UTC);

        assertThat(Plugin.entries()).extracting(ZipEntry::getTimeLocal).containsOnly(time);
    }

    @ParameterizedTest
    @CsvSource({
        "connect-source, org.apache.kafka.connect.source.SourceConnector, io.natskv.connect.source.NatsKvSourceConnector",
        "connect-sink, org.apache.kafka.connect.sink.SinkConnector, io.natskv.connect.sink.NatsKvSinkConnector"
    })
    void theConnectorsAreFoundByServiceFiles(String module, String service, String connector) throws IOException {
        byte[] jar = Plugin.read("lib/" + module + "-" + Plugin.version() + ".jar");
        Map<String, String> services = new HashMap<>();
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(jar))) {
            for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
                if (entry.getName().startsWith("META-INF/services/") && !entry.isDirectory()) {
                    services.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8).strip());
                }
            }
        }

        assertThat(services).containsExactly(Map.entry("META-INF/services/" + service, connector));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats-kv-source", "nats-kv-sink"})
    void bothFormsOfAnExampleSayTheSame(String name) throws IOException {
        Properties properties = new Properties();
        properties.load(
                new StringReader(new String(Plugin.read("etc/" + name + ".properties"), StandardCharsets.UTF_8)));
        Map<String, String> json = Plugin.example(name);
        json.put("name", name);

        assertThat(properties).containsExactlyInAnyOrderEntriesOf(json);
    }

    /** The names of the files in lib, without version. */
    private static Set<String> jars() throws IOException {
        Set<String> jars = new HashSet<>();
        String lib = Plugin.topFolder() + "/lib/";
        for (ZipEntry entry : Plugin.entries()) {
            if (entry.getName().startsWith(lib) && !entry.isDirectory()) {
                jars.add(entry.getName().substring(lib.length()).replaceAll("-\\d[^/]*\\.jar$", ""));
            }
        }
        return jars;
    }

    private static Set<String> classesOf(ZipEntry jar) throws IOException {
        Set<String> classes = new HashSet<>();
        byte[] bytes = Plugin.read(jar.getName().substring(Plugin.topFolder().length() + 1));
        try (JarInputStream in = new JarInputStream(new ByteArrayInputStream(bytes))) {
            for (JarEntry entry = in.getNextJarEntry(); entry != null; entry = in.getNextJarEntry()) {
                if (entry.getName().endsWith(".class")) {
                    classes.add(entry.getName());
                }
            }
        }
        return classes;
    }
}
