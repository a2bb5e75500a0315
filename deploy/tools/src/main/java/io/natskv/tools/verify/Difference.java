package io.natskv.tools.verify;

/**
 * A key of which a copy holds something else.
 *
 * @param kind what is wrong with it
 * @param key the key as its writers know it
 * @param reference where the reference holds it: null if it does not
 * @param copy where the copy holds it: null if it does not
 * @param detail more, in words; may be empty
 */
record Difference(Kind kind, String key, String reference, String copy, String detail) {
    Difference {
        key = key.startsWith(UNDECODABLE) ? key.substring(UNDECODABLE.length()) : key;
    }

    /** What the name of a key begins with that the codec did not make: no key can. */
    static final String UNDECODABLE = "\u0000";

    /** What is wrong. */
    enum Kind {
        /** The reference has it, the copy does not. */
        missing,
        /** The copy has it, the reference does not, or not any more. */
        extra,
        /** The copy holds an earlier state. */
        stale,
        /** The copy holds what the reference does not, and did not in what is known of its history. */
        different,
        /** What one of both holds can't be compared. */
        unreadable
    }
}
