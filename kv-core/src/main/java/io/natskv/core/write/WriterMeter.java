package io.natskv.core.write;

import io.natskv.core.error.KvException;
import java.util.concurrent.atomic.LongAdder;

/** Counts for {@link WriterStats}. */
final class WriterMeter {
    final LongAdder retries = new LongAdder();
    final LongAdder conflicts = new LongAdder();
    final LongAdder failed = new LongAdder();
    private final LongAdder stored = new LongAdder();
    private final LongAdder coalesced = new LongAdder();
    private final LongAdder superseded = new LongAdder();

    void settled(WriteResult result, KvException error, int replaced) {
        if (error != null) {
            failed.add(1 + replaced);
            return;
        }
        coalesced.add(replaced);
        (result.outcome() == WriteResult.Outcome.SUPERSEDED ? superseded : stored).increment();
    }

    WriterStats stats(long inFlight, long bytes) {
        return new WriterStats(
                inFlight,
                bytes,
                stored.sum(),
                retries.sum(),
                coalesced.sum(),
                superseded.sum(),
                conflicts.sum(),
                failed.sum());
    }
}
