package io.natskv.benchmarks.mirror;

import io.natskv.testing.kafka.ConnectWorker;
import java.time.Duration;

/**
 * Processor time that the processes have used so far, in seconds; the operating system tells it in hundredths.
 *
 * @param worker of the process that does the work: the Connect worker, or this JVM where it writes by itself
 * @param nanoTime when this was read
 */
public record Cpu(double worker, double broker, double nats, long nanoTime) {
    public static Cpu of(MirrorStack stack, ConnectWorker worker) {
        return of(stack, worker.pid());
    }

    /** Of this JVM in place of a worker. */
    public static Cpu ofThis(MirrorStack stack) {
        return of(stack, ProcessHandle.current().pid());
    }

    private static Cpu of(MirrorStack stack, long pid) {
        return new Cpu(
                seconds(pid),
                seconds(stack.broker().pid()),
                seconds(stack.nats().pid()),
                System.nanoTime());
    }

    /** What was used since. */
    public Cpu since(Cpu before) {
        return new Cpu(worker - before.worker, broker - before.broker, nats - before.nats, nanoTime - before.nanoTime);
    }

    /** How many processors were busy, if this is what was used since a moment. */
    double busy() {
        return (worker + broker + nats) * 1e9 / nanoTime;
    }

    private static double seconds(long pid) {
        return ProcessHandle.of(pid)
                        .flatMap(process -> process.info().totalCpuDuration())
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1e3;
    }
}
