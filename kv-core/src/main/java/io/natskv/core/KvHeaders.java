package io.natskv.core;

import io.nats.client.impl.Headers;
import java.time.Duration;
import java.util.List;

/** The NATS headers that carry KV and JetStream semantics, and the rule of which headers a caller may set. */
public final class KvHeaders {
    /** Operation of a marker: {@code DEL} or {@code PURGE} (ADR-8). */
    public static final String OPERATION = "KV-Operation";
    /** Why the server wrote a marker: {@code MaxAge}, {@code Purge} or {@code Remove} (ADR-43). */
    public static final String MARKER_REASON = "Nats-Marker-Reason";
    /** {@code sub}: remove all earlier messages of the subject. */
    public static final String ROLLUP = "Nats-Rollup";
    /** Compare-and-set on the last sequence of the subject. */
    public static final String EXPECTED_LAST_SUBJECT_SEQUENCE = "Nats-Expected-Last-Subject-Sequence";
    /** Time to live of one message (server 2.11, ADR-43). */
    public static final String TTL = "Nats-TTL";
    /** Size of the value that a headers-only consumer left out. */
    public static final String MESSAGE_SIZE = "Nats-Msg-Size";
    /** Prefix of the headers that this suite writes: who wrote an entry, and from which Kafka record. */
    public static final String OURS = "Natskv-";
    /** Writer id and sequence of the write engine: tells a lost acknowledgement from another client's write. */
    public static final String WRITER = OURS + "Writer";
    /** Origin of a write as {@code <topic>/<partition>/<offset>}, the topic URL-encoded. */
    public static final String ORIGIN = OURS + "Origin";

    private static final List<String> CONTROL_PREFIXES = List.of("nats-", "kv-", OURS);

    private KvHeaders() {}

    /**
     * True for a header that means something to the server, to KV clients or to this suite ({@code Nats-*}, {@code KV-*},
     * {@code Natskv-*}, in any case). Such a header is never taken over from outside.
     */
    public static boolean isControl(String name) {
        for (String prefix : CONTROL_PREFIXES) {
            if (name.regionMatches(true, 0, prefix, 0, prefix.length())) {
                return true;
            }
        }
        return false;
    }

    /**
     * The value of the header {@link #TTL}: whole seconds, rounded up, because the server knows no shorter time (ADR-43).
     *
     * @throws IllegalArgumentException if the time is not positive
     */
    public static String ttl(Duration time) {
        if (time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("A time to live must be positive, not " + time);
        }
        return Long.toString(time.plusNanos(999_999_999).toSeconds());
    }

    /** The headers without those of {@link #isControl}; a new object, empty when there are none. */
    public static Headers withoutControl(Headers headers) {
        Headers kept = new Headers();
        if (headers != null) {
            headers.forEach((name, values) -> {
                if (!isControl(name)) {
                    kept.add(name, values);
                }
            });
        }
        return kept;
    }
}
