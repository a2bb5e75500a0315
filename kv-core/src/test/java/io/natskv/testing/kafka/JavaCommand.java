package io.natskv.testing.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** Command lines and files of Kafka's programs. */
final class JavaCommand {
    private static final String LOG4J2 = """
            status=ERROR
            name=natskv
            appender.console.type=Console
            appender.console.name=console
            appender.console.layout.type=PatternLayout
            appender.console.layout.pattern=%d{ABSOLUTE} %-5p [%t] %c{1.} - %X{connector.context}%m%n
            rootLogger.level=%LEVEL%
            rootLogger.appenderRef.console.ref=console
            """;

    private JavaCommand() {}

    /** A JVM that starts quickly and stays small: these live for seconds, on machines with few cores. */
    static List<String> of(
            String classpath,
            String heap,
            List<String> jvmOptions,
            Path log4j2,
            String mainClass,
            String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.awt.headless=true",
                "-Dlog4j2.configurationFile=" + log4j2));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", classpath, mainClass));
        command.addAll(Arrays.asList(arguments));
        return command;
    }

    static Path writeLog4j2(Path folder, String level) {
        return write(folder.resolve("log4j2.properties"), LOG4J2.replace("%LEVEL%", level));
    }

    static Path writeProperties(Path file, Map<String, String> values) {
        Properties properties = new Properties();
        properties.putAll(values);
        try (var out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            properties.store(out, null);
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
