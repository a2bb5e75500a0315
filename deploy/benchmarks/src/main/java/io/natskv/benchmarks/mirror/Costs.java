package io.natskv.benchmarks.mirror;

import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Samples;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Processor seconds per million records of a side, by process, of the rounds that count. */
public final class Costs {
    private final Samples worker;
    private final Samples broker;
    private final Samples nats;
    private final Samples busy;

    /**
     * @param usages of all rounds, those of warm-up first
     * @param warmUps how many these are
     */
    public Costs(List<Usage> usages, int warmUps) {
        List<Usage> counted = usages.subList(warmUps, usages.size());
        this.worker = perMillion(counted, Cpu::worker);
        this.broker = perMillion(counted, Cpu::broker);
        this.nats = perMillion(counted, Cpu::nats);
        this.busy =
                new Samples(counted.stream().map(usage -> usage.cpu().busy()).toList());
    }

    private static Samples perMillion(List<Usage> usages, ToDoubleFunction<Cpu> process) {
        return new Samples(usages.stream()
                .map(usage -> process.applyAsDouble(usage.cpu()) * 1e6 / usage.records())
                .toList());
    }

    /** @param more to be added to the line */
    public void tell(Report report, String side, String more) {
        report.line(String.format(
                Locale.ROOT,
                "  %-12s CPU seconds per million records: worker %.2f, broker %.2f, NATS server %.2f; %.2f processors busy%s",
                side,
                worker.median(),
                broker.median(),
                nats.median(),
                busy.median(),
                more));
        report.describe("processorsBusy", Map.of(side, busy.values()));
        report.figure(side + "-worker-cpu-s-per-million", "s", worker.median(), worker);
        report.figure(side + "-broker-cpu-s-per-million", "s", broker.median(), broker);
        report.figure(side + "-nats-cpu-s-per-million", "s", nats.median(), nats);
    }

    /** How many processors were busy. */
    public Samples busy() {
        return busy;
    }

    /** Of the NATS server alone. */
    public Samples nats() {
        return nats;
    }

    /** Of worker and broker together. */
    public Samples kafka() {
        return worker.plus(broker);
    }

    /** Of all processes together. */
    public Samples total() {
        return kafka().plus(nats);
    }
}
