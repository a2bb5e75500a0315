package io.natskv.testing.kafka;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The class path of the broker's and the worker's JVM. */
public final class KafkaClasspath {
    /** The system property: a folder of jars, or a class path. The using module's pom sets it. */
    public static final String PROPERTY = "natskv.kafka.classpath";

    private KafkaClasspath() {}

    /**
     * The class path that {@value #PROPERTY} names.
     *
     * @throws IllegalStateException if it is not set, or its folder holds no jar
     */
    public static String resolve() {
        String value = System.getProperty(PROPERTY, "");
        if (value.isBlank()) {
            throw new IllegalStateException("system property " + PROPERTY
                    + " is not set: give it a folder with the jars of kafka_2.13 and connect-runtime, or a class path");
        }
        return of(value);
    }

    /**
     * The class path that a value means.
     *
     * @param value a folder of jars, or a class path
     * @throws IllegalStateException if the folder holds no jar
     */
    public static String of(String value) {
        if (value.contains(File.pathSeparator) || value.endsWith("*") || value.endsWith(".jar")) {
            return value;
        }
        Path folder = Path.of(value).toAbsolutePath();
        try (Stream<Path> files = Files.isDirectory(folder) ? Files.list(folder) : Stream.empty()) {
            if (files.noneMatch(f -> f.toString().endsWith(".jar"))) {
                throw new IllegalStateException("no Kafka jars in " + folder + ", which " + PROPERTY
                        + " names: run the module's build up to the phase that copies them");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder + "/*";
    }
}
