package io.natskv.core.error;

/** A compare-and-set found another last revision than expected. */
public final class WrongRevisionException extends KvException {
    private static final long serialVersionUID = 1L;

    private final long expected;
    private final long actual;

    /** @param actual the revision found; -1 where the server does not say */
    public WrongRevisionException(String bucket, String key, long expected, long actual) {
        super(
                ErrorClass.REJECTED,
                "Key \"" + key + "\" in bucket \"" + bucket + "\": expected last revision " + expected
                        + (actual < 0 ? ", found another" : ", found " + actual));
        this.expected = expected;
        this.actual = actual;
    }

    public long expected() {
        return expected;
    }

    /** The revision found; -1 where the server does not say. */
    public long actual() {
        return actual;
    }
}
