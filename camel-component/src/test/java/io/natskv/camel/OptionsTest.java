package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.util.StringHelper;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.Test;

/** The catalog, the code behind it and the page that shows it say the same of options and headers. */
class OptionsTest {
    private static final Path CATALOG = Path.of("src/generated/resources/META-INF/io/natskv/camel/nats-kv.json");

    private static JsonObject catalog() throws Exception {
        return (JsonObject) Jsoner.deserialize(Files.readString(CATALOG));
    }

    private static Map<String, JsonObject> section(String name) throws Exception {
        Map<String, JsonObject> entries = new LinkedHashMap<>();
        catalog().getMap(name).forEach((key, value) -> entries.put((String) key, (JsonObject) value));
        return entries;
    }

    /** What the catalog calls a default is what an option is that nobody has set. */
    @Test
    void defaultsAreTrue() throws Exception {
        NatsKvConfiguration untouched = new NatsKvConfiguration();
        int checked = 0;
        for (Map.Entry<String, JsonObject> option : section("properties").entrySet()) {
            Object value = option.getKey()
                            .matches("bucket|bridgeErrorHandler|exceptionHandler|exchangePattern|lazyStartProducer")
                    ? null
                    : untouched
                            .getClass()
                            .getMethod(getter(option.getKey(), option.getValue()))
                            .invoke(untouched);
            Object told = option.getValue().get("defaultValue");
            if (value == null || Objects.equals(value, false) || Objects.equals(value, 0L)) {
                assertThat(told).as(option.getKey()).isIn(null, "false", false);
            } else {
                assertThat(String.valueOf(told)).as(option.getKey()).isEqualToIgnoringCase(value.toString());
                checked++;
            }
        }
        assertThat(checked).isGreaterThan(25);
    }

    private static String getter(String option, JsonObject entry) {
        return ("boolean".equals(entry.get("type")) ? "is" : "get") + StringHelper.capitalize(option);
    }

    /** The source of some test names every option and every header; what the test asserts of it is not known here. */
    @Test
    void someTestNamesEverything() throws Exception {
        String tests;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            tests = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !file.endsWith("OptionsTest.java"))
                    .map(OptionsTest::read)
                    .collect(Collectors.joining());
        }
        TreeSet<String> missing = new TreeSet<>();
        for (String option : section("properties").keySet()) {
            if (!tests.contains(option + "=")
                    && !tests.contains("\"" + option + "\"")
                    && !tests.contains("set" + StringHelper.capitalize(option) + "(")) {
                missing.add(option);
            }
        }
        for (JsonObject header : section("headers").values()) {
            String constant = header.getString("constantName");
            String name = constant.substring(constant.indexOf('#') + 1);
            if (!tests.contains("NatsKvConstants." + name)) {
                missing.add(name);
            }
        }
        // Camel's own, and the name of the bucket itself.
        missing.removeAll(List.of("bucket", "exchangePattern"));
        assertThat(missing).isEmpty();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Run it with -Dnatskv.docs.write=true, and the tables of the page are written anew. */
    @Test
    void thePageShowsThem() throws Exception {
        Path page = Path.of(System.getProperty("natskv.suite.dir")).resolve("docs/camel.md");
        String before = Files.readString(page);
        String after = before;
        for (String group : List.of(
                "component",
                "common",
                "consumer",
                "consumer (durable)",
                "consumer (advanced)",
                "producer",
                "producer (advanced)",
                "bucket",
                "security",
                "advanced",
                "headers")) {
            String begin = "<!-- generated: " + group + " -->\n";
            String end = "<!-- end -->";
            int from = after.indexOf(begin);
            assertThat(from).as("the page lacks a table for %s", group).isNotNegative();
            from += begin.length();
            after = after.substring(0, from) + table(group) + after.substring(after.indexOf(end, from));
        }
        if (Boolean.getBoolean("natskv.docs.write")) {
            Files.writeString(page, after);
        } else {
            assertThat(before)
                    .as("docs/camel.md is out of date: run this test with -Dnatskv.docs.write=true")
                    .isEqualTo(after);
        }
    }

    private static String table(String group) throws Exception {
        List<String> lines = new ArrayList<>();
        if (group.equals("headers")) {
            lines.add("| header | constant | what for | type |");
            lines.add("|---|---|---|---|");
            section("headers")
                    .forEach((name, header) -> lines.add(String.format(
                            "| `%s`%s | `%s` | %s | `%s` |",
                            name,
                            header.getString("label").isEmpty() ? "" : " (" + header.getString("label") + ")",
                            header.getString("constantName").replaceFirst(".*#", ""),
                            text(header),
                            header.getString("javaType"))));
        } else {
            lines.add("| option | what for | default | type |");
            lines.add("|---|---|---|---|");
            boolean component = group.equals("component");
            Map<String, JsonObject> endpoint = section("properties");
            for (Map.Entry<String, JsonObject> entry :
                    section(component ? "componentProperties" : "properties").entrySet()) {
                JsonObject option = entry.getValue();
                boolean here =
                        component ? !endpoint.containsKey(entry.getKey()) : group.equals(option.getString("group"));
                if (here) {
                    lines.add(String.format(
                            "| `%s`%s | %s | %s | `%s` |",
                            entry.getKey(),
                            Boolean.TRUE.equals(option.get("required")) ? " (required)" : "",
                            text(option),
                            option.get("defaultValue") == null ? "" : "`" + option.get("defaultValue") + "`",
                            type(option)));
                }
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String text(JsonObject entry) {
        return entry.getString("description").replace("|", "\\|")
                + (Boolean.TRUE.equals(entry.get("secret")) ? " Secret." : "");
    }

    private static String type(JsonObject option) {
        String type = option.getString("javaType").replaceFirst("<.*", "");
        return type.substring(type.lastIndexOf('.') + 1);
    }
}
