package io.natskv.core.connect;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * Metrics that are registered together, under the same tags. What they are read from has to be safe to read from any thread, at any time
 * between registration and its end, and must not block.
 */
public final class MetricSet {
    private final List<Metric> metrics = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    /**
     * One metric.
     *
     * @param name lower case words, joined by dashes; with the unit at its end if it has one
     */
    record Metric(String name, String description, Supplier<? extends Number> value) {}

    /**
     * Adds a value that is read when somebody asks.
     *
     * @param name lower case words, joined by dashes; with the unit at its end if it has one
     * @throws IllegalArgumentException if the name is taken
     */
    public MetricSet gauge(String name, String description, Supplier<? extends Number> value) {
        if (!name.matches("[a-z][a-z0-9]*(-[a-z0-9]+)*") || !names.add(name)) {
            throw new IllegalArgumentException("Metric \"" + name + "\" is malformed or there already");
        }
        metrics.add(new Metric(name, description, value));
        return this;
    }

    /** Adds a number that only grows. Its name gets {@code -total} at the end. */
    public MetricSet counter(String name, String description, LongAdder value) {
        return gauge(name + "-total", description, value::sum);
    }

    /** Adds a histogram as metrics with {@code -p50}, {@code -p99} and {@code -max} at the end, of the last one to two minutes. */
    public MetricSet histogram(String name, String description, Histogram histogram) {
        return gauge(name + "-p50", description + ", median of the last minute or two", () -> histogram.quantile(0.5))
                .gauge(
                        name + "-p99",
                        description + ", 99th percentile of the last minute or two",
                        () -> histogram.quantile(0.99))
                .gauge(name + "-max", description + ", largest of the last minute or two", () -> histogram.quantile(1));
    }

    List<Metric> metrics() {
        return List.copyOf(metrics);
    }
}
