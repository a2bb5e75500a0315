package io.natskv.tools.verify;

import com.fasterxml.jackson.databind.JsonNode;
import io.natskv.core.KvEntry;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.key.KeyCodec;
import io.natskv.tools.verify.Content.UnreadableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * How keys and contents are written, so that those of a bucket and of a topic can be compared. For one thread.
 */
final class RecordFormat {
    /** What all envelopes of the source have, by which the sink knows them. */
    private static final List<String> ENVELOPE = List.of("bucket", "key", "value", "revision", "created", "operation");

    private static final Pattern MARKER = Pattern.compile("\"?(DELETE|DEL|PURGE)\"?", Pattern.CASE_INSENSITIVE);

    private final Settings settings;
    private final Content content = new Content();

    /** What a record's value is, as the source connector's {@code record.value}. */
    enum Value {
        bytes,
        string,
        json,
        envelope,
        /** What the sink makes of JSON: a text as it is, an envelope's value, everything else as JSON. */
        auto
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
        /** The entry's revision in the record's header, or the record's place in the entry's: for values that this program can't read. */
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
     * @param bySink true if a sink made the bucket of the topic, whatever bucket the records say that they come from
     * @param ignoreTombstones true if records without value change nothing, unless a header says so
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
            boolean bySink,
            boolean ignoreTombstones) {}

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
            return known(version, "the entry does not say what it is a copy of");
        }
        return switch (settings.value) {
            case json -> content.ofJson(Content.parse(value, "the bucket's value"));
            case auto -> content.ofJsonOrBytes(value);
            default -> content.ofBytes(value);
        };
    }

    private static long known(long version, String problem) throws UnreadableException {
        if (version == State.UNKNOWN) {
            throw new UnreadableException(problem);
        }
        return version;
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
        if (record.key() == null || !settings.bySink && !isOf(record, bucket)) {
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
        boolean marker = isMarker(record);
        if (record.value() == null) {
            return settings.ignoreTombstones && !marker
                    ? Optional.empty()
                    : Optional.of(new Reading(key, State.absent(version, place)));
        }
        if (settings.compare == Compare.revision && marker) {
            return Optional.of(new Reading(key, State.absent(version, place))); // an envelope that can't be opened here
        }
        try {
            return value(record.value(), bucket, version, place).map(state -> new Reading(key, state));
        } catch (UnreadableException e) {
            return Optional.of(new Reading(key, State.unreadable(version, place, e.getMessage())));
        }
    }

    private String key(byte[] bytes) throws UnreadableException {
        if (settings.keyConverter == Converter.plain) {
            return text(bytes);
        }
        JsonNode written = Content.parse(bytes, "the record's key");
        JsonNode json = written.has("schema") && written.has("payload") ? written.get("payload") : written;
        JsonNode key =
                settings.key == Key.key_and_revision || settings.bySink && json.isObject() ? json.path("key") : json;
        if (settings.bySink && key.isIntegralNumber()) {
            return key.asText();
        }
        if (!key.isTextual()) {
            throw new UnreadableException(
                    settings.key == Key.key_and_revision
                            ? "the record's key is no object with key and revision"
                            : "the record's key is no text in JSON");
        }
        return key.textValue();
    }

    /** Keys that are no text must not become the same one. */
    private static String text(byte[] bytes) throws UnreadableException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new UnreadableException("the record's key is no UTF-8");
        }
    }

    private Optional<State> value(byte[] bytes, String bucket, long version, long place) throws UnreadableException {
        if (settings.compare == Compare.revision) {
            long compared =
                    settings.bySink ? place : known(version, "the record has no header " + KvKafkaHeaders.REVISION);
            return Optional.of(State.content(compared, version, place));
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
        if (settings.value == Value.auto) {
            return auto(json, bucket, version, place);
        }
        if (json.isNull()) {
            return Optional.of(State.absent(version, place));
        }
        return Optional.of(State.content(
                settings.value == Value.json ? content.ofJson(json) : content.ofBytes(bytes(json, settings.value)),
                version,
                place));
    }

    private Optional<State> auto(JsonNode json, String bucket, long version, long place) throws UnreadableException {
        if (json.isNull()) {
            return settings.ignoreTombstones ? Optional.empty() : Optional.of(State.absent(version, place));
        }
        if (ENVELOPE.stream().allMatch(json::has)) {
            return envelope(json, bucket, version, place);
        }
        return Optional.of(State.content(
                json.isTextual()
                        ? content.ofJsonOrBytes(json.textValue().getBytes(StandardCharsets.UTF_8))
                        : content.ofJson(json),
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
        if (!settings.bySink && !json.path("bucket").asText(bucket).equals(bucket)) {
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
        byte[] bytes = bytes(value, settings.envelopeValue);
        return Optional.of(State.content(
                settings.value == Value.auto ? content.ofJsonOrBytes(bytes) : content.ofBytes(bytes), version, place));
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
        return settings.schemas && json.size() == 2 && json.has("schema") && json.has("payload")
                ? json.get("payload")
                : json;
    }

    /** Records that do not say where they come from count. */
    private static boolean isOf(ConsumerRecord<byte[], byte[]> record, String bucket) {
        String name = text(record, KvKafkaHeaders.BUCKET);
        return name == null || name.equals(bucket) || name.equals('"' + bucket + '"');
    }

    private static boolean isMarker(ConsumerRecord<byte[], byte[]> record) {
        String operation = text(record, KvKafkaHeaders.OPERATION);
        return operation != null && MARKER.matcher(operation).matches();
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
