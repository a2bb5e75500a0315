package io.natskv.connect.source.reconcile;

import org.agrona.collections.LongHashSet;

/**
 * The keys that a task has emitted since some moment: what was read of the bucket before is no news for them. Some 20 bytes for each key. For
 * one thread.
 */
public final class EmittedKeys {
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

    /** Takes the key, if keys are being collected. */
    public void add(String key) {
        if (keys != null) {
            keys.add(hash.of(key));
        }
    }

    /** True if the key was emitted since the beginning; in very rare cases also for one that was not. */
    public boolean contains(String key) {
        return keys != null && keys.contains(hash.of(key));
    }
}
