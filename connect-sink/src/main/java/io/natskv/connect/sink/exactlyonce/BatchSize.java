package io.natskv.connect.sink.exactlyonce;

import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;

/** How many records a batch may have at present. For one thread. */
final class BatchSize {
    private static final int BATCH_INCOMPLETE = 10176;
    private static final int CALM = 100;

    private final int most;
    private int limit;
    private int calm; // batches that are to be stored before all counts as well
    private boolean asking;
    private boolean blocked;

    BatchSize(int most) {
        this.most = most;
        this.limit = most;
    }

    int limit() {
        return limit;
    }

    /**
     * No batch has failed lately. One that was incomplete counts for a while: the server may have more unfinished batches of this bucket than it
     * takes.
     */
    boolean isCalm() {
        return limit == most && calm == 0 && !asking && !blocked;
    }

    /** A batch of one write was incomplete: the server is to be asked for the reason. */
    boolean isAsking() {
        return asking;
    }

    /** Not even one record fits into the bucket. */
    boolean isBlocked() {
        return blocked;
    }

    /** A batch failed that a smaller one may replace. */
    void halve(int size) {
        limit = Math.max(1, size / 2);
    }

    /** A batch failed. If as incomplete, a message of it was lost, or the server refuses one of them. */
    void failed(KvException error, int size) {
        if (KvErrors.isCode(error, BATCH_INCOMPLETE)) {
            halve(size);
            calm = CALM;
            asking = size == 1;
        }
    }

    /** There is no room at all; true if that is news. */
    boolean block() {
        boolean news = !blocked;
        blocked = true;
        return news;
    }

    /** A batch was stored; true if that was not possible before. */
    boolean stored() {
        limit = Math.min(most, 2 * limit);
        calm = Math.max(0, calm - 1);
        asking = false;
        return unblock();
    }

    /** There is room again; true if there was none before. */
    boolean unblock() {
        boolean again = blocked;
        blocked = false;
        return again;
    }

    void reset() {
        limit = most;
        asking = false;
        blocked = false;
    }
}
