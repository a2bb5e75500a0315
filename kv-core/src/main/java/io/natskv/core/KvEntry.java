package io.natskv.core;

import io.nats.client.impl.Headers;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * One change of one key: the unit that flows through the whole suite. Immutable by contract: neither the value nor the
 * headers may be changed by who receives them (they are not copied, because entries flow by the hundred thousand).
 *
 * @param bucket name of the bucket
 * @param key the key
 * @param value the stored bytes; empty for markers and for an empty put, never null
 * @param revision the stream sequence, starting at 1
 * @param created when the server stored it
 * @param delta how many changes the consumer still had to deliver after this one; 0 where unknown (single reads)
 * @param operation what it does to the key; decides, never the value
 * @param headers the message's headers, all of them; empty when there are none, never null
 */
public record KvEntry(
        String bucket,
        String key,
        byte[] value,
        long revision,
        Instant created,
        long delta,
        KvOperation operation,
        Headers headers) {

    /** Shared by all entries without headers. */
    public static final Headers NO_HEADERS = new Headers(null, true);

    public KvEntry {
        Objects.requireNonNull(bucket, "bucket");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(operation, "operation");
        value = value == null ? new byte[0] : value;
        headers = headers == null ? NO_HEADERS : headers;
    }

    /**
     * Length of the value in bytes. With a headers-only watch the value is left out, and this is the length the server
     * reports ({@code Nats-Msg-Size}).
     */
    public long valueLength() {
        String size = value.length == 0 ? headers.getLast(KvHeaders.MESSAGE_SIZE) : null;
        return size == null ? value.length : Long.parseLong(size);
    }

    /** The last value of a header; null if there is none. */
    public String header(String name) {
        return headers.getLast(name);
    }

    /** Hands each header's name and values to a consumer. */
    public void forEachHeader(BiConsumer<String, List<String>> consumer) {
        headers.forEach(consumer);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KvEntry that
                && revision == that.revision
                && delta == that.delta
                && bucket.equals(that.bucket)
                && key.equals(that.key)
                && operation == that.operation
                && Objects.equals(created, that.created)
                && Arrays.equals(value, that.value)
                && headers.equals(that.headers);
    }

    @Override
    public int hashCode() {
        return Objects.hash(bucket, key, revision, operation);
    }

    /** Says what changed, without the value: values do not belong into logs. */
    @Override
    public String toString() {
        return "KvEntry[" + bucket + "/" + key + " revision=" + revision + " " + operation + " " + valueLength()
                + " bytes]";
    }
}
