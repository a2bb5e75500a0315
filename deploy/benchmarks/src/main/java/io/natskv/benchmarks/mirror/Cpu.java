package io.natskv.benchmarks.mirror;

import io.natskv.testing.kafka.ConnectWorker;
import java.time.Duration;

/**
 * Processor time that the processes have used so far, in seconds; the operating system tells it in hundredths.
 *
 * @param nanoTime when this was read
 */
public record Cpu(double worker, double broker, double nats, long nanoTime) {
    public static Cpu of(MirrorStack stack, ConnectWorker worker) {
        return new Cpu(
                seconds(worker.pid()),
                seconds(stack.broker().pid()),
                seconds(stack.nats().pid()),
                System.nanoTime());
    }

    /** What was used since. */
    public Cpu since(Cpu before) {
        return new Cpu(worker - before.worker, broker - before.broker, nats - before.nats, nanoTime - before.nanoTime);
    }

    private static double seconds(long pid) {
        return ProcessHandle.of(pid)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1e3;
    }
}
