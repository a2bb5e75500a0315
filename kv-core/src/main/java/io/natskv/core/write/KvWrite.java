package io.natskv.core.write;

import io.nats.client.impl.Headers;
import io.natskv.core.KvEntry;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.key.KvNames;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * One write to be done. Made by the factories; the value and headers must not be changed afterwards.
 *
 * @param key a valid key
 * @param operation what to do to it
 * @param value the bytes to store; empty for markers
 * @param headers headers to store, without control headers
 * @param condition when the write may be done
 * @param origin the Kafka record that the write comes from: two writes of one origin are ordered by their offset, across processes
 * @param ttl after what time the server removes the message (ADR-43); on whole seconds, rounded up. Only for a bucket that takes it, and a put
 *     only into a bucket with a history of 1, or an older value comes back to light (ADR-48)
 */
public record KvWrite(
        String key,
        KvOperation operation,
        byte[] value,
        Headers headers,
        Condition condition,
        Optional<Origin> origin,
        Optional<Duration> ttl) {
    private static final byte[] EMPTY = new byte[0];

    /** When a write may be done. */
    public sealed interface Condition {
        /** Whatever is there: the last writer wins. */
        Condition ALWAYS = new Always();
        /** Only if the key has no value; a marker is no value. */
        Condition ABSENT = new Absent();

        record Always() implements Condition {}

        record Absent() implements Condition {}

        /** Only if this is the key's last revision; 0 means that there is none. */
        record LastRevision(long revision) implements Condition {
            public LastRevision {
                if (revision < 0) {
                    throw new IllegalArgumentException("A revision can't be negative: " + revision);
                }
            }
        }
    }

    /** Topic, partition and offset of a Kafka record. */
    public record Origin(String topic, int partition, long offset) {
        public Origin {
            Objects.requireNonNull(topic, "topic");
        }

        /** The origin that a stored entry carries; empty if it was not written from Kafka by this suite. */
        public static Optional<Origin> of(KvEntry entry) {
            return entry.headers().isEmpty() ? Optional.empty() : WriteCodec.origin(entry.headers());
        }

        /** True if the other comes from the same topic partition, at the same offset or a later one. */
        boolean isNoLaterThan(Origin other) {
            return partition == other.partition && offset <= other.offset && topic.equals(other.topic);
        }
    }

    /**
     * @throws io.natskv.core.error.InvalidKeyException if the key is malformed
     * @throws IllegalArgumentException if the time to live is not positive
     */
    public KvWrite {
        KvNames.checkKey(key);
        Objects.requireNonNull(operation, "operation");
        value = operation == KvOperation.PUT ? Objects.requireNonNull(value, "value") : EMPTY;
        headers = headers == null ? KvEntry.NO_HEADERS : KvHeaders.withoutControl(headers);
        Objects.requireNonNull(condition, "condition");
        Objects.requireNonNull(origin, "origin");
        if (ttl.isPresent() && (ttl.get().isNegative() || ttl.get().isZero())) {
            throw new IllegalArgumentException("A time to live must be positive, not " + ttl.get());
        }
    }

    public static KvWrite put(String key, byte[] value) {
        return of(key, KvOperation.PUT, value, Condition.ALWAYS);
    }

    public static KvWrite create(String key, byte[] value) {
        return of(key, KvOperation.PUT, value, Condition.ABSENT);
    }

    public static KvWrite update(String key, byte[] value, long lastRevision) {
        return of(key, KvOperation.PUT, value, new Condition.LastRevision(lastRevision));
    }

    public static KvWrite delete(String key) {
        return of(key, KvOperation.DELETE, EMPTY, Condition.ALWAYS);
    }

    public static KvWrite purge(String key) {
        return of(key, KvOperation.PURGE, EMPTY, Condition.ALWAYS);
    }

    public static KvWrite of(String key, KvOperation operation, byte[] value, Condition condition) {
        return new KvWrite(key, operation, value, null, condition, Optional.empty(), Optional.empty());
    }

    public KvWrite withHeaders(Headers value) {
        return new KvWrite(key, operation, this.value, value, condition, origin, ttl);
    }

    public KvWrite withOrigin(Origin value) {
        return new KvWrite(key, operation, this.value, headers, condition, Optional.of(value), ttl);
    }

    public KvWrite withTtl(Duration value) {
        return new KvWrite(key, operation, this.value, headers, condition, origin, Optional.of(value));
    }

    /** How many bytes of headers and value the server will count at least against the limit of a message; a writer may add some of its own. */
    public long leastSize() {
        return value.length
                + WriteCodec.headers(this, WriteCodec.mark(this, "", 0), -1).serializedLength();
    }

    /** Says what would be written, without the value. */
    @Override
    public String toString() {
        return "KvWrite[" + operation + " " + key + " " + value.length + " bytes " + condition + "]";
    }
}
