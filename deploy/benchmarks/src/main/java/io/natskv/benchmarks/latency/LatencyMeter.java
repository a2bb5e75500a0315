package io.natskv.benchmarks.latency;

import io.natskv.benchmarks.Report;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** Runs the rounds of one way, or of several by turns, at all rates: one round of warm-up first, at the main rate. */
public final class LatencyMeter {
    private final LatencySettings settings;
    private final Report report;

    public LatencyMeter(LatencySettings settings, Report report) {
        this.settings = settings;
        this.report = report;
        report.describe("latency", settings);
    }

    /** One round. */
    @FunctionalInterface
    public interface Round {
        /** Runs the schedule and waits for the end of all its operations. Returns their times in microseconds. */
        Histogram run(Schedule schedule) throws Exception;
    }

    /**
     * Measures one way, and reports the histograms.
     *
     * @param name of what is measured, as {@code put-to-kafka}
     * @return the rounds at the main rate
     */
    public LatencyRounds measure(String name, Round way) throws Exception {
        return measure(Map.of(name, way)).get(name);
    }

    /** Measures several ways by turns. Returns the rounds at the main rate, by name. */
    public Map<String, LatencyRounds> measure(Map<String, Round> ways) throws Exception {
        for (Map.Entry<String, Round> way : ways.entrySet()) {
            run("warm-up", way.getKey(), settings.mainRate(), way.getValue());
        }
        Map<String, LatencyRounds> main = rounds(ways, settings.mainRate());
        for (int rate : settings.otherRates()) {
            rounds(ways, rate);
        }
        return main;
    }

    private Map<String, LatencyRounds> rounds(Map<String, Round> ways, int rate) throws Exception {
        Map<String, List<Histogram>> histograms = new LinkedHashMap<>();
        ways.keySet().forEach(name -> histograms.put(name, new ArrayList<>()));
        List<Map.Entry<String, Round>> order = new ArrayList<>(ways.entrySet());
        for (int i = 1; i <= settings.rounds(); i++) {
            for (Map.Entry<String, Round> way : order) {
                histograms.get(way.getKey()).add(run("round " + i, way.getKey(), rate, way.getValue()));
            }
            Collections.reverse(order);
        }
        Map<String, LatencyRounds> results = new LinkedHashMap<>();
        histograms.forEach((name, rounds) -> {
            results.put(name, new LatencyRounds(rate, rounds));
            report.latency(name, results.get(name));
        });
        return results;
    }

    private Histogram run(String round, String name, int rate, Round way) throws Exception {
        System.gc();
        Histogram micros = way.run(settings.schedule(rate));
        LatencyRounds one = new LatencyRounds(rate, List.of(micros));
        report.line(String.format(
                Locale.ROOT,
                "  %s, %s at %,d/s: median %.2f ms, 99 %% within %.2f ms, 99.9 %% within %.2f ms, highest %.2f ms",
                round,
                name,
                rate,
                one.millisAt(50),
                one.millisAt(99),
                one.millisAt(99.9),
                one.millisAt(100)));
        return micros;
    }
}
