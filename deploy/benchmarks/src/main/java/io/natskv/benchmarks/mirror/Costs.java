package io.natskv.benchmarks.mirror;

import io.natskv.benchmarks.Report;
import io.natskv.benchmarks.Samples;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Processor seconds per million records of a side, by process, of the rounds that count. */
final class Costs {
    private final Samples worker;
    private final Samples broker;
    private final Samples nats;
    private final Samples busy;
    private final Samples transactions;

    /** @param usages of all rounds, those of warm-up first */
    Costs(List<SourceRun.Usage> usages, MirrorSettings settings) {
        List<SourceRun.Usage> counted = usages.subList(settings.warmUps(), usages.size());
        this.worker = perMillion(counted, Cpu::worker);
        this.broker = perMillion(counted, Cpu::broker);
        this.nats = perMillion(counted, Cpu::nats);
        this.busy = new Samples(counted.stream()
                .map(usage -> (usage.cpu().worker()
                                + usage.cpu().broker()
                                + usage.cpu().nats())
                        * 1e9
                        / usage.cpu().nanoTime())
                .toList());
        this.transactions = new Samples(
                counted.stream().map(usage -> (double) usage.transactions()).toList());
    }

    private static Samples perMillion(List<SourceRun.Usage> usages, ToDoubleFunction<Cpu> process) {
        return new Samples(usages.stream()
                .map(usage -> process.applyAsDouble(usage.cpu()) * 1e6 / usage.records())
                .toList());
    }

    void tell(Report report, String side, String mode) {
        report.line(String.format(
                Locale.ROOT,
                "  %-10s CPU seconds per million records: worker %.2f, broker %.2f, NATS server %.2f; %.2f processors busy%s",
                side,
                worker.median(),
                broker.median(),
                nats.median(),
                busy.median(),
                transactions.max() > 0
                        ? String.format(Locale.ROOT, ", %.0f transactions", transactions.median())
                        : ""));
        report.figure(side + mode + "-worker-cpu-s-per-million", "s", worker.median(), worker);
        report.figure(side + mode + "-broker-cpu-s-per-million", "s", broker.median(), broker);
        report.figure(side + mode + "-nats-cpu-s-per-million", "s", nats.median(), nats);
    }

    /**
     * What is left of the no-op source's rate when the NATS server takes its part of the same processors, round by round. This is the side of
     * ours.
     */
    Samples ceiling(Costs noop) {
        Samples ours = nats;
        Samples theirs = noop.total();
        return theirs.over(theirs.plus(ours));
    }

    private Samples total() {
        return worker.plus(broker);
    }
}
