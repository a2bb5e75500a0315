package io.natskv.benchmarks.materialise;

import io.natskv.benchmarks.Samples;
import io.natskv.benchmarks.mirror.Costs;
import java.util.ArrayList;
import java.util.List;

/**
 * What the processors leave of the rate of writes from memory if they have to read the records from Kafka, too. A record then takes the processor
 * time of both, so that p processors, all of them busy, get through p / (w + k) records a second: to the rate r from memory that is
 * p / (r (w + k)). Never more than 1: a rate from memory that leaves processors idle waits for something else than these.
 *
 * @param processors of the machine
 */
record Ceiling(int processors) {
    private static final double MILLION = 1e6;

    /**
     * Round by round.
     *
     * @param raw what is written from memory
     * @param reading reads the records, and does nothing with them; the median of its rounds, which may be those of another comparison
     */
    Samples of(Samples raw, Costs writing, Costs reading) {
        return of(raw, writing.total(), reading.kafka().median());
    }

    /**
     * @param rates records a second from memory
     * @param writing processor seconds for a million records from memory, of the same rounds
     * @param reading processor seconds for a million records that are read
     */
    Samples of(Samples rates, Samples writing, double reading) {
        List<Double> left = new ArrayList<>();
        for (int round = 0; round < rates.values().size(); round++) {
            double most = processors * MILLION / (writing.values().get(round) + reading);
            left.add(Math.min(1, most / rates.values().get(round)));
        }
        return new Samples(left);
    }
}
