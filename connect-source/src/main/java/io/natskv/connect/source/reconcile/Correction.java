package io.natskv.connect.source.reconcile;

import io.natskv.core.KvEntry;

/**
 * A difference between topic and bucket, to be made good unless the key was emitted meanwhile.
 *
 * @param entry what the topic should have last: the key's last entry, or a purge that stands for the marker that has vanished
 * @param reason what the topic has instead
 */
public record Correction(KvEntry entry, Reason reason) {
    /** What was found. */
    public enum Reason {
        /** The topic has a value for a key that the bucket does not have any more. */
        VANISHED,
        /** The topic lacks the key's last entry. */
        MISSING
    }
}
