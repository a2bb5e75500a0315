package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.error.KvException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody asks of the connector.
 *
 * @param bucket which bucket is meant; empty for all
 * @param filter which keys a snapshot is asked for
 * @param id names it in notifications
 * @param time when it was given
 */
record ControlSignal(Type type, Optional<String> bucket, KeyFilter filter, String id, Instant time) {
    /** What is asked. */
    enum Type {
        SNAPSHOT,
        PAUSE,
        RESUME
    }

    /**
     * Reads a signal.
     *
     * @param json reads the entry's value
     * @throws IllegalArgumentException if it is none; the message says why
     */
    static ControlSignal of(KvEntry entry, JsonValues json) {
        try {
            if (!(json.of(entry, entry.key(), null) instanceof Map<?, ?> map)) {
                throw new IllegalArgumentException("a signal is a JSON object");
            }
            Type type = type(text(map, "type"));
            String bucket = text(map, "bucket");
            String filter = text(map, "filter");
            if (type != Type.SNAPSHOT && filter != null) {
                throw new IllegalArgumentException("only a snapshot takes a \"filter\"");
            }
            String id = text(map, "id");
            return new ControlSignal(
                    type,
                    Optional.ofNullable(bucket).map(KvNames::checkBucket),
                    filter == null ? KeyFilter.ALL : new KeyFilter(filter),
                    id == null ? entry.key() + "@" + entry.revision() : id,
                    entry.created());
        } catch (UndecodableException | KvException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    boolean concerns(Assignment assignment) {
        return (bucket.isEmpty() || bucket.get().equals(assignment.bucket())) && filter.overlaps(assignment.filter());
    }

    private static Type type(String text) {
        try {
            return Type.valueOf(String.valueOf(text).toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"type\" must be snapshot, pause or resume, not " + text, e);
        }
    }

    private static String text(Map<?, ?> map, String name) {
        Object value = map.get(name);
        if (value != null && !(value instanceof String)) {
            throw new IllegalArgumentException("\"" + name + "\" must be a text");
        }
        return (String) value;
    }
}
