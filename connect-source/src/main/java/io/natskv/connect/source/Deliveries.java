package io.natskv.connect.source;

import java.util.concurrent.atomic.LongAdder;

/** How many records the task has handed over, and how many of them the worker is done with. */
final class Deliveries {
    private final LongAdder committed = new LongAdder();
    private long handedOver;

    /** By the task's thread, with what a poll returns. */
    void handOver(int records) {
        handedOver += records;
    }

    /** By any thread, once for each record: also for those that transforms have dropped. */
    void committed() {
        committed.increment();
    }

    /** For the task's thread. */
    long handedOver() {
        return handedOver;
    }

    long committedSoFar() {
        return committed.sum();
    }
}
