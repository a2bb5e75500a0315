package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.LiveCheck.Finding;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares what a bucket holds with what Kafka takes. An entry that is too large fails the task when it comes, at whatever hour that is. The
 * sizes are estimates, on the safe side.
 */
final class RecordSizes {
    static final String MAX_REQUEST_SIZE = "producer.override.max.request.size";
    static final String BUFFER_MEMORY = "producer.override.buffer.memory";
    static final String MAX_MESSAGE_BYTES = "topic.creation.default.max.message.bytes";

    private static final Logger LOG = LoggerFactory.getLogger(RecordSizes.class);

    /** Defaults of Kafka's producer and of its topics, and the smallest part of it that a consumer fetches at once. */
    private static final long DEFAULT_REQUEST = 1L << 20;

    private static final long DEFAULT_BUFFER = 32L << 20;
    private static final long DEFAULT_MESSAGE = (1L << 20) + 12;
    private static final long DEFAULT_FETCH = 1L << 20;
    /** Our headers with their names, the record's and the batch's frame. */
    private static final long FRAME = 512;

    private final Map<String, String> settings;
    private final boolean text;
    private final long request;
    private final long buffer;
    private final long message;
    private final boolean createsTopics;
    private final Set<String> told = new HashSet<>();

    RecordSizes(SourceConfig config, Map<String, String> settings) {
        this.settings = settings;
        // JSON writes bytes in base64, and escapes texts.
        this.text = GivenSettings.text(settings, "value.converter").endsWith("JsonConverter")
                && config.records().valueMode() != ValueFormat.ValueMode.JSON;
        this.request = limit(MAX_REQUEST_SIZE, DEFAULT_REQUEST);
        this.buffer = limit(BUFFER_MEMORY, DEFAULT_BUFFER);
        this.message = limit(MAX_MESSAGE_BYTES, DEFAULT_MESSAGE);
        this.createsTopics = settings.keySet().stream().anyMatch(name -> name.startsWith("topic.creation.default."));
    }

    private long limit(String name, long fallback) {
        String text = GivenSettings.text(settings, name);
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : fallback;
    }

    /** An entry that is there: one that does not fit is an error. Tells one for each bucket and setting. */
    void check(KvEntry entry, Consumer<Finding> findings) {
        long size = sizeOf(entry);
        String what = "Key \"" + entry.key() + "\" of bucket \"" + entry.bucket() + "\" has a value of "
                + entry.valueLength() + " bytes: ";
        refuse(entry.bucket(), size, request, MAX_REQUEST_SIZE, what + "Kafka's producer", findings);
        refuse(entry.bucket(), size, buffer, BUFFER_MEMORY, what + "the producer's buffer", findings);
        if (createsTopics || GivenSettings.isSet(settings, MAX_MESSAGE_BYTES)) {
            refuse(entry.bucket(), size, message, MAX_MESSAGE_BYTES, what + "a topic that Connect creates", findings);
        }
    }

    private void refuse(
            String bucket, long size, long limit, String setting, String whatAndWho, Consumer<Finding> findings) {
        if (size > limit && told.add(bucket + " " + setting)) {
            findings.accept(new Finding(
                    setting,
                    whatAndWho + " takes " + limit + " bytes at most, its record needs about " + size + ". "
                            + advice(size)));
        }
    }

    /** What the bucket permits: that it may come to hold what does not fit is worth a warning. */
    void check(BucketStatus status, Consumer<Finding> findings) {
        long largest = status.maxValueSize();
        if (largest <= 0) {
            return;
        }
        long size = grown(largest) + FRAME;
        if (size > Math.min(request, message)) {
            LOG.warn(
                    "Bucket \"{}\" permits values of {} bytes, for which Kafka's limits are too low by these settings. {}",
                    status.bucket(),
                    largest,
                    advice(size));
        }
    }

    /** The record of an entry: value, key twice (it may be in an envelope too), headers that are passed on, and the frame. */
    private long sizeOf(KvEntry entry) {
        return grown(entry.valueLength()) + 2L * entry.key().length() + headersOf(entry) + FRAME;
    }

    private static long headersOf(KvEntry entry) {
        long[] bytes = {0};
        entry.forEachHeader((name, values) -> values.forEach(value -> bytes[0] += name.length() + value.length() + 8L));
        return bytes[0];
    }

    private long grown(long valueLength) {
        return text ? valueLength + valueLength / 3 + 4 : valueLength;
    }

    private static String advice(long size) {
        // With room, so that the next larger value does not fail again.
        long enough = Math.max(2L << 20, size + size / 4);
        return String.format(
                Locale.ROOT,
                "Set %s=%d%s, the topic's max.message.bytes=%d (%s=%d where Connect creates it)%s. Limits that worker and brokers set "
                        + "are not seen from here: repeat them in these settings if they are higher",
                MAX_REQUEST_SIZE,
                enough,
                enough > DEFAULT_BUFFER ? ", " + BUFFER_MEMORY + "=" + 2 * enough : "",
                enough,
                MAX_MESSAGE_BYTES,
                enough,
                enough > DEFAULT_FETCH
                        ? ", and for consumers that are to read more than one such record at a time max.partition.fetch.bytes="
                                + enough
                        : "");
    }
}
