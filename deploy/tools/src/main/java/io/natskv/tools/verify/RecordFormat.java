package io.natskv.tools.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.natskv.core.KvEntry;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.key.KeyCodec;
import io.natskv.tools.verify.Content.UnreadableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * How keys and contents are written, so that those of a bucket and of a topic can be compared. For one thread.
 */
final class RecordFormat {
    private final Settings settings;
    private final Content content = new Content();

    /** What a record's value is, as the source connector's {@code record.value}. */
    enum Value {
        bytes,
        string,
        json,
        envelope
    }

    /** What a record's key is, as the source connector's {@code record.key}. */
    enum Key {
        key,
        key_and_revision
    }

    /** How keys or values were written into bytes. */
    enum Converter {
        /** StringConverter or ByteArrayConverter: as they are. */
        plain,
        /** JsonConverter. */
        json
    }

    /** What counts as the same. */
    enum Compare {
        value,
        /** The entry's revision, in the record's header: for values that this program can't read. */
        revision
    }

    /**
     * How it is written.
     *
     * @param key what a record's key is
     * @param value what a record's value is
     * @param envelopeValue what the field value of an envelope is
     * @param keyConverter how the key was written
     * @param valueConverter how the value was written
     * @param schemas whether JsonConverter wrote schemas too
     * @param codec of the bucket's keys
     * @param compare what counts as the same
     * @param anyBucket true to take records that say that they come from another bucket, too
     */
    record Settings(
            Key key,
            Value value,
            Value envelopeValue,
            Converter keyConverter,
            Converter valueConverter,
            boolean schemas,
            KeyCodec codec,
            Compare compare,
            boolean anyBucket) {}

    /** A key, and what a record says about it. */
    record Reading(String key, State state) {}

    RecordFormat(Settings settings) {
        this.settings = settings;
    }

    /** The state that an entry of the bucket is. */
    State of(KvEntry entry, long version) {
        if (entry.operation().isMarker()) {
            return State.absent(version, entry.revision());
        }
        try {
            return State.content(digest(entry.value(), version), version, entry.revision());
        } catch (UnreadableException e) {
            return State.unreadable(version, entry.revision(), e.getMessage());
        }
    }

    private long digest(byte[] value, long version) throws UnreadableException {
        if (settings.compare == Compare.revision) {
            return version;
        }
        return settings.value == Value.json
                ? content.ofJson(Content.parse(value, "the bucket's value"))
                : content.ofBytes(value);
    }

    /**
     * The key that an entry's key is for its writers.
     *
     * @return empty if the codec would not have made it
     */
    static Optional<String> decode(KeyCodec codec, String stored) {
        if (codec == KeyCodec.NONE) {
            return Optional.of(stored);
        }
        try {
            String decoded = codec.decode(stored);
            return codec.encode(decoded).equals(stored) ? Optional.of(decoded) : Optional.empty();
        } catch (InvalidKeyException e) {
            return Optional.empty();
        }
    }

    /**
     * What a record says.
     *
     * @param bucket whose records count
     * @return empty if it is another bucket's, or has no key
     */
    Optional<Reading> of(ConsumerRecord<byte[], byte[]> record, String bucket) {
        if (record.key() == null || !settings.anyBucket && !isOf(record, bucket)) {
            return Optional.empty();
        }
        long place = TopicPlace.of(record.partition(), record.offset());
        String key;
        try {
            key = key(record.key());
        } catch (UnreadableException e) {
            return Optional.of(new Reading(
                    "(" + TopicPlace.text(place) + ")", State.unreadable(State.UNKNOWN, place, e.getMessage())));
        }
        long version = revisionOf(record);
        if (record.value() == null) {
            return Optional.of(new Reading(key, State.absent(version, place)));
        }
        try {
            return value(record.value(), bucket, version, place).map(state -> new Reading(key, state));
        } catch (UnreadableException e) {
            return Optional.of(new Reading(key, State.unreadable(version, place, e.getMessage())));
        }
    }

    private String key(byte[] bytes) throws UnreadableException {
        if (settings.keyConverter == Converter.plain) {
            return new String(bytes, StandardCharsets.UTF_8);
        }
        JsonNode written = Content.parse(bytes, "the record's key");
        JsonNode json = written.has("schema") && written.has("payload") ? written.get("payload") : written;
        JsonNode key = settings.key == Key.key_and_revision ? json.path("key") : json;
        if (!key.isTextual()) {
            throw new UnreadableException(
                    settings.key == Key.key_and_revision
                            ? "the record's key is no object with key and revision"
                            : "the record's key is no text in JSON");
        }
        return key.textValue();
    }

    private Optional<State> value(byte[] bytes, String bucket, long version, long place) throws UnreadableException {
        if (settings.compare == Compare.revision) {
            return Optional.of(State.content(version, version, place));
        }
        if (settings.valueConverter == Converter.plain) {
            return Optional.of(State.content(
                    settings.value == Value.json
                            ? content.ofJson(Content.parse(bytes, "the record's value"))
                            : content.ofBytes(bytes),
                    version,
                    place));
        }
        JsonNode json = payload(Content.parse(bytes, "the record's value"));
        if (settings.value == Value.envelope) {
            return envelope(json, bucket, version, place);
        }
        if (json.isNull()) {
            return Optional.of(State.absent(version, place));
        }
        return Optional.of(State.content(
                settings.value == Value.json ? content.ofJson(json) : content.ofBytes(bytes(json, settings.value)),
                version,
                place));
    }

    private Optional<State> envelope(JsonNode json, String bucket, long headerVersion, long place)
            throws UnreadableException {
        if (json.isNull()) {
            return Optional.of(State.absent(headerVersion, place));
        }
        if (!json.path("operation").isTextual()) {
            throw new UnreadableException("the record's value is no envelope");
        }
        if (!settings.anyBucket && !json.path("bucket").asText(bucket).equals(bucket)) {
            return Optional.empty();
        }
        long version = json.path("revision").asLong(headerVersion);
        if (!json.get("operation").textValue().equals("PUT")) {
            return Optional.of(State.absent(version, place));
        }
        JsonNode value = json.path("value");
        if (!value.isTextual()) {
            throw new UnreadableException("the envelope has no value");
        }
        return Optional.of(State.content(content.ofBytes(bytes(value, settings.envelopeValue)), version, place));
    }

    private static byte[] bytes(JsonNode json, Value value) throws UnreadableException {
        if (!json.isTextual()) {
            throw new UnreadableException("the record's value is no text in JSON");
        }
        try {
            return value == Value.bytes ? json.binaryValue() : json.textValue().getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UnreadableException("the record's value is no Base64 in JSON");
        }
    }

    private JsonNode payload(JsonNode json) {
        return settings.schemas && json.has("payload") ? json.get("payload") : json;
    }

    /** Records that do not say where they come from count. */
    private static boolean isOf(ConsumerRecord<byte[], byte[]> record, String bucket) {
        String name = text(record, KvKafkaHeaders.BUCKET);
        return name == null || name.equals(bucket) || name.equals('"' + bucket + '"');
    }

    /** As most header converters write it: digits. */
    private static long revisionOf(ConsumerRecord<byte[], byte[]> record) {
        String text = text(record, KvKafkaHeaders.REVISION);
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : State.UNKNOWN;
    }

    private static String text(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }
}
