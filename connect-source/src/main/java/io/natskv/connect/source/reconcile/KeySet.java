package io.natskv.connect.source.reconcile;

import org.agrona.collections.LongHashSet;

/** Keys by their hashes, while they are being collected. Some 20 bytes for each key. For one thread. */
public final class KeySet {
    private final KeyHash hash = new KeyHash();
    private LongHashSet keys;

    /** Begins anew. */
    public void begin() {
        keys = new LongHashSet();
    }

    /** Forgets all, and takes no more until {@link #begin}. */
    public void end() {
        keys = null;
    }

    /** Takes the key; true if it was not there. False, and nothing else, while no keys are collected. */
    public boolean add(String key) {
        return keys != null && keys.add(hash.of(key));
    }

    /** True if the key was taken since the beginning; in very rare cases also for one that was not. */
    public boolean contains(String key) {
        return keys != null && keys.contains(hash.of(key));
    }
}
