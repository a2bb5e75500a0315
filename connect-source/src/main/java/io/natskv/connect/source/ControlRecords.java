package io.natskv.connect.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.natskv.connect.source.ValueFormat.ValueMode;
import io.natskv.core.key.KeyCodec;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Makes the records of heartbeats and notifications: some texts by name. In the form that the connector's converters take: JSON as bytes or text
 * where values are bytes or texts, else a map.
 */
final class ControlRecords {
    private static final Schema TEXTS =
            SchemaBuilder.map(Schema.STRING_SCHEMA, Schema.STRING_SCHEMA).build();

    private final JsonFactory factory = new JsonFactory();
    private final String connector;
    private final String task;
    private final ValueMode valueMode;
    private final RecordKeys keys;

    ControlRecords(String connector, String task, RecordSettings records) {
        this.connector = connector;
        this.task = task;
        this.valueMode = records.valueMode();
        // The partition of a control record is the producer's matter; with none of our own the number counts for
        // nothing.
        this.keys = new RecordKeys(records.keyMode(), KeyCodec.NONE, Math.max(1, records.partitions()));
    }

    /**
     * A record.
     *
     * @param key told by bucket and filter, so that compaction keeps the last for each
     * @param offset stored with it
     */
    SourceRecord record(
            String topic,
            Assignment assignment,
            Map<String, String> sourcePartition,
            Map<String, ?> offset,
            long revision,
            Map<String, String> texts) {
        Instant now = Instant.now();
        Map<String, String> all = new LinkedHashMap<>(texts);
        all.put("connector", connector);
        all.put("task", task);
        all.put("bucket", assignment.bucket());
        all.put("filter", assignment.filter().pattern());
        all.put("revision", Long.toString(revision));
        all.put("time", now.toString());
        String key = connector + "/" + assignment.bucket() + "/"
                + assignment.filter().pattern();
        return new SourceRecord(
                sourcePartition,
                offset,
                topic,
                null,
                keys.schema(),
                keys.of(key, revision),
                schema(),
                value(all),
                now.toEpochMilli(),
                null);
    }

    private Schema schema() {
        return switch (valueMode) {
            case BYTES -> Schema.OPTIONAL_BYTES_SCHEMA;
            case STRING -> Schema.OPTIONAL_STRING_SCHEMA;
            case JSON -> null;
            case ENVELOPE -> TEXTS;
        };
    }

    private Object value(Map<String, String> texts) {
        return switch (valueMode) {
            case BYTES -> json(texts).getBytes(StandardCharsets.UTF_8);
            case STRING -> json(texts);
            case JSON, ENVELOPE -> texts;
        };
    }

    private String json(Map<String, String> texts) {
        StringWriter json = new StringWriter();
        try (JsonGenerator generator = factory.createGenerator(json)) {
            generator.writeStartObject();
            for (Map.Entry<String, String> text : texts.entrySet()) {
                generator.writeStringField(text.getKey(), text.getValue());
            }
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return json.toString();
    }
}
