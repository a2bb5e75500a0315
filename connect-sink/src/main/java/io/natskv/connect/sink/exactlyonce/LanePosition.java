package io.natskv.connect.sink.exactlyonce;

import java.util.OptionalLong;

/** Where a partition stands among the offsets of its topic. For one thread. */
final class LanePosition {
    /** Where to go on if no offset is stored. */
    private long resumeAt = StoredOffset.NONE;
    /** Where to go on whatever is stored. */
    private OptionalLong forced = OptionalLong.empty();
    /** Behind the last record that was taken over. */
    private long taken = StoredOffset.NONE;
    /** Up to where transforms have left records out; none of them came here. */
    private long filteredTo = StoredOffset.NONE;
    /** The worker seeks before its next poll: what it says of offsets until then is of before. */
    private boolean seeking;

    long resumeAt() {
        return resumeAt;
    }

    OptionalLong forced() {
        return forced;
    }

    long taken() {
        return taken;
    }

    long filteredTo() {
        return filteredTo;
    }

    boolean isSeeking() {
        return seeking;
    }

    /** True if a record lies below those that were taken over, or are stored. */
    boolean isBehind(long offset) {
        return taken != StoredOffset.NONE && offset < taken;
    }

    void took(long offset) {
        taken = offset + 1;
    }

    /** A record was not taken over, or is given up: it has to come again. */
    void dropped(long offset) {
        resumeAt = resumeAt == StoredOffset.NONE ? offset : Math.min(resumeAt, offset);
        filteredTo = StoredOffset.NONE;
    }

    /** The next claim goes on there. */
    void force(long offset) {
        forced = OptionalLong.of(offset);
    }

    /** It was claimed; true if the worker has to seek. */
    boolean claimedAt(long next) {
        forced = OptionalLong.empty();
        taken = next;
        filteredTo = StoredOffset.NONE;
        seeking = next != StoredOffset.NONE;
        if (seeking) {
            resumeAt = next;
        }
        return seeking;
    }

    void storedUpTo(long next) {
        resumeAt = next;
    }

    /** The worker has read up to there, and nothing of it is left to be stored. */
    void filteredTo(long current) {
        filteredTo = current;
    }

    /** The worker has polled: a seek is done. */
    void polled() {
        seeking = false;
    }
}
