package io.natskv.core.write;

/**
 * How a write ended well.
 *
 * @param revision the revision that holds the write or, if it was superseded, the one that holds the later one
 * @param outcome what became of it
 */
public record WriteResult(long revision, Outcome outcome) {
    /** What became of a write. */
    public enum Outcome {
        /** It was stored. */
        STORED,
        /** A later write to the key took its place before it was sent (coalescing). */
        COALESCED,
        /** A later record of the same topic partition is stored already: this one came late and was dropped. */
        SUPERSEDED
    }
}
