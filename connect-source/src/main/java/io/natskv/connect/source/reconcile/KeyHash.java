package io.natskv.connect.source.reconcile;

import java.util.concurrent.ThreadLocalRandom;

/**
 * A key as 64 bits: so a million keys fit into some megabytes. Two keys that collide (one pair in some ten million runs over a million keys) only
 * hide a difference: what is done about one is decided by the key itself. Seeded, so that nobody can make keys that collide every time.
 */
public final class KeyHash {
    private static final long PRIME = 0x100000001b3L; // FNV-1a
    private final long seed = ThreadLocalRandom.current().nextLong();

    /** The hash of a key. */
    public long of(String key) {
        long hash = seed;
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * PRIME;
        }
        // FNV leaves the high bits of short texts poor; this is the finalizer of MurmurHash3.
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        return hash ^ hash >>> 33;
    }
}
