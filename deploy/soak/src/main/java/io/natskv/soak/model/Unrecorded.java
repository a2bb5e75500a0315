package io.natskv.soak.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The writes that the recorder has not seen: acknowledged ones whose message was gone before it came, and those without an answer. What somebody has
 * read and the recorder has not must be one of them, or a marker that the server wrote by itself.
 */
public final class Unrecorded {
    private final History bucket;
    private final Map<String, List<Ack>> byKey = new HashMap<>();

    private Unrecorded(History bucket) {
        this.bucket = bucket;
    }

    /**
     * @param writes all that were sent, but those that were refused
     * @param bucket learns what they may have removed
     */
    public static Unrecorded of(List<Ack> writes, History bucket) {
        Unrecorded unrecorded = new Unrecorded(bucket);
        for (Ack write : writes) {
            if (write.revision() == 0
                    || bucket.find(write.incarnation(), write.revision()).isEmpty()) {
                unrecorded
                        .byKey
                        .computeIfAbsent(write.key(), key -> new ArrayList<>())
                        .add(write);
                if (write.revision() > 0) {
                    bucket.acknowledged(write);
                }
            }
        }
        return unrecorded;
    }

    /** Whether a revision that was not recorded may have been there, with this content. */
    boolean mayBe(int incarnation, long revision, String key, Operation operation, long digest) {
        // The server's own, when a time to live has ended.
        if (operation == Operation.PURGE && bucket.ttlSeconds(key, operation) > 0) {
            return true;
        }
        return byKey.getOrDefault(key, List.of()).stream()
                .filter(write -> write.operation() == operation && write.digest() == digest)
                .anyMatch(write ->
                        write.revision() == 0 || write.incarnation() == incarnation && write.revision() == revision);
    }
}
