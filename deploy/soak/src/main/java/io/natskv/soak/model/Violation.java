package io.natskv.soak.model;

/**
 * A promise that was not kept.
 *
 * @param where which pipeline and part
 * @param text what was expected and what is there
 */
public record Violation(Kind kind, String where, String text) {
    /** Which promise. */
    public enum Kind {
        LOST,
        REORDERED,
        DUPLICATED,
        /** Something is there that nobody wrote, or with another value. */
        WRONG,
        /** A part stood still or failed that should have gone on. */
        STUCK
    }

    @Override
    public String toString() {
        return kind + " " + where + ": " + text;
    }
}
