package io.natskv.connect.source.reconcile;

import java.util.Optional;

/** What stored keys are called in the topic. */
public interface KeyMapping {
    /** Keys that are the same on both sides. */
    KeyMapping SAME = new KeyMapping() {
        @Override
        public Optional<String> toRecord(String key) {
            return Optional.of(key);
        }

        @Override
        public Optional<String> toBucket(String recordKey) {
            return Optional.of(recordKey);
        }
    };

    /** A record's key for a stored key; empty for a key of which no record is made. */
    Optional<String> toRecord(String key);

    /** The stored key for a record's key; empty if no stored key could have become it. */
    Optional<String> toBucket(String recordKey);
}
