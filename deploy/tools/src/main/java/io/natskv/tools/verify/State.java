package io.natskv.tools.verify;

/**
 * What a bucket or topic holds for a key.
 *
 * @param present false where there is nothing, or a marker
 * @param digest of the content; 0 without one
 * @param version the revision of the entry that it is, by its own word; {@link #UNKNOWN} if it does not say
 * @param place where it is: the revision in its own bucket, or {@link TopicPlace}
 * @param problem why it can't be compared; null if it can
 */
record State(boolean present, long digest, long version, long place, String problem) {
    static final long UNKNOWN = -1;
    /** Nothing was ever heard of the key. */
    static final State NOTHING = new State(false, 0, UNKNOWN, UNKNOWN, null);

    static State absent(long version, long place) {
        return new State(false, 0, version, place, null);
    }

    static State content(long digest, long version, long place) {
        return new State(true, digest, version, place, null);
    }

    static State unreadable(long version, long place, String problem) {
        return new State(true, 0, version, place, problem);
    }

    boolean sameContent(State other) {
        return problem == null
                && other.problem == null
                && present == other.present
                && (!present || digest == other.digest);
    }

    boolean hasVersion() {
        return version != UNKNOWN;
    }

    /** True if both say which version they are, and this is the earlier one; offsets compare within a partition only. */
    boolean isBefore(State other) {
        return hasVersion()
                && other.hasVersion()
                && TopicPlace.partition(version) == TopicPlace.partition(other.version)
                && version < other.version;
    }
}
