package io.natskv.connect.sink.exactlyonce;

/** How many records a batch may have at present. For one thread. */
final class BatchSize {
    private final int most;
    private int limit;
    private boolean asking;
    private boolean blocked;

    BatchSize(int most) {
        this.most = most;
        this.limit = most;
    }

    int limit() {
        return limit;
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

    /** A message of the batch was lost, or the server refuses one of them. */
    void incomplete(int size) {
        halve(size);
        asking = size == 1;
    }

    void block() {
        blocked = true;
    }

    /** A batch was stored; true if that was not possible before. */
    boolean stored() {
        boolean again = blocked;
        limit = Math.min(most, 2 * limit);
        asking = false;
        blocked = false;
        return again;
    }

    void reset() {
        limit = most;
        asking = false;
        blocked = false;
    }
}
