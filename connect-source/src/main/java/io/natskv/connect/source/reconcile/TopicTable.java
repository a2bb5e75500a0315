package io.natskv.connect.source.reconcile;

import io.natskv.core.KvEntry;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongArrayList;

/**
 * The keys that have a value in a topic, each with the place of its last record, what that was made of, and whether the bucket was seen to have
 * the key, too. Some 60 bytes for each key.
 */
final class TopicTable {
    /** What the record does not tell. */
    static final long UNKNOWN = -1;

    private static final long NONE = Long.MIN_VALUE;
    private static final int OFFSET_BITS = 46; // 17 are left for the partition, and the sign

    private final KeyHash hash = new KeyHash();
    /** Of a key that the bucket has, the complement. */
    private final Long2LongHashMap places = new Long2LongHashMap(NONE);

    private final Long2LongHashMap versions = new Long2LongHashMap(NONE);

    /**
     * A record with a value.
     *
     * @param revision of the entry that it was made of, or {@link #UNKNOWN}
     * @param created of that entry in milliseconds, or {@link #UNKNOWN}
     */
    void put(String key, int partition, long offset, long revision, long created) {
        long hashed = hash.of(key);
        places.put(hashed, (long) partition << OFFSET_BITS | offset);
        if (revision == UNKNOWN) {
            versions.remove(hashed);
        } else {
            versions.put(hashed, version(revision, created));
        }
    }

    /** A tombstone. */
    void remove(String key) {
        long hashed = hash.of(key);
        places.remove(hashed);
        versions.remove(hashed);
    }

    /** What a topic holds of a key, by its last record. */
    record Held(boolean value, long version) {
        /** No value: no record, or a tombstone. */
        static final Held NOTHING = new Held(false, NONE);

        /** A value that says of which entry it was made, or doesn't. */
        static Held valueOf(long revision, long created) {
            return new Held(true, revision == UNKNOWN ? NONE : TopicTable.version(revision, created));
        }

        /** False if the record says that it was made of another entry. A bucket that was made anew counts its revisions anew. */
        boolean mayBe(KvEntry entry) {
            return value && version == NONE || is(entry);
        }

        /** True if the record says that it was made of this entry. */
        boolean is(KvEntry entry) {
            return value
                    && (version == TopicTable.version(entry.revision(), UNKNOWN)
                            || version
                                    == TopicTable.version(
                                            entry.revision(), entry.created().toEpochMilli()));
        }
    }

    /** The bucket has this key, until something else is said. It may be seen there again, with another entry. */
    Held found(String key) {
        long hashed = hash.of(key);
        long place = places.get(hashed);
        if (place == NONE) {
            return Held.NOTHING;
        }
        places.put(hashed, place < 0 ? place : ~place);
        return new Held(true, versions.get(hashed));
    }

    /** The bucket does not have this key. */
    void notFound(String key) {
        long hashed = hash.of(key);
        long place = places.get(hashed);
        if (place != NONE && place < 0) {
            places.put(hashed, ~place);
        }
    }

    /** One number for both, never {@link #NONE}; that two entries share one does not happen by accident. */
    private static long version(long revision, long created) {
        return (revision * 0x9E3779B97F4A7C15L ^ created) & Long.MAX_VALUE;
    }

    int size() {
        return places.size();
    }

    /** Forgets all; returns where the last records of the keys are that the bucket does not have, the offsets of each partition in ascending order. */
    Map<Integer, long[]> takePlaces() {
        versions.clear();
        versions.compact();
        Map<Integer, LongArrayList> byPartition = new TreeMap<>();
        Long2LongHashMap.ValueIterator all = places.values().iterator();
        while (all.hasNext()) {
            long place = all.nextValue();
            if (place >= 0) {
                byPartition
                        .computeIfAbsent((int) (place >>> OFFSET_BITS), partition -> new LongArrayList())
                        .addLong(place & (1L << OFFSET_BITS) - 1);
            }
        }
        places.clear();
        places.compact();
        Map<Integer, long[]> sorted = new TreeMap<>();
        byPartition.forEach((partition, offsets) -> {
            long[] array = offsets.toLongArray();
            Arrays.sort(array);
            sorted.put(partition, array);
        });
        return sorted;
    }
}
