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
    /** The first record that was taken over where no offset was stored. */
    private OptionalLong began = OptionalLong.empty();
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
        if (taken == StoredOffset.NONE && began.isEmpty()) {
            began = OptionalLong.of(offset);
        }
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

    /**
     * The bucket has forgotten that there was an offset: the next claim goes on where the first one did.
     *
     * @param fromZero whether it may go on with the beginning of the topic, if that was not here
     * @return false if it is not known where
     */
    boolean startsOver(boolean fromZero) {
        if (began.isPresent()) {
            resumeAt = began.getAsLong();
        } else if (fromZero) {
            // Not by force: should the claim find an offset after all, that one counts.
            resumeAt = 0;
        }
        return began.isPresent() || fromZero;
    }

    /** The offset was reset from outside: what was read before counts no more. */
    void reset() {
        resumeAt = StoredOffset.NONE;
        filteredTo = StoredOffset.NONE;
        began = OptionalLong.empty();
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
