package io.natskv.connect.sink.record;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.config.SinkConfig.Tombstone;
import io.natskv.connect.sink.config.SinkConfig.WriteMode;
import io.natskv.connect.sink.template.RecordTemplate;
import io.natskv.core.KvOperation;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.key.KeyCodec;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWrite.Condition;
import io.natskv.core.write.KvWrite.Origin;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/** Makes of a record what is to be written, and to which bucket. Has no state but memories of names; for one thread. */
public final class RecordConverter {
    private static final byte[] NO_VALUE = new byte[0];

    private final BucketNames buckets;
    private final RecordTemplate keyTemplate;
    private final boolean keyIsRecordKey;
    private final KeyCodec keyCodec;
    private final Tombstone tombstone;
    private final Envelopes envelopes;
    private final ValueFormat values;
    private final HeaderFilter headers;
    private final WriteMode mode;
    private final RecordTemplate expectedRevision;
    private final RecordTemplate ttl;
    private final boolean provenance;

    /** What is to be done about a record. */
    public sealed interface Outcome {
        record Write(String bucket, KvWrite write) implements Outcome {}

        record Ignored() implements Outcome {}
    }

    private static final Outcome IGNORED = new Outcome.Ignored();

    public RecordConverter(SinkConfig config) {
        buckets = new BucketNames(config);
        keyTemplate = config.keyTemplate();
        keyIsRecordKey = SinkConfig.RECORD_KEY.equals(keyTemplate.toString());
        keyCodec = config.keyCodec();
        tombstone = config.tombstone();
        envelopes = new Envelopes(config.envelope(), config.envelopeHoldsBytes());
        values = new ValueFormat(config.textAsJson(), config.jsonDecimalFormat());
        headers = new HeaderFilter(
                config.headersIncluded(), config.headersExcluded(), new ValueFormat(false, config.jsonDecimalFormat()));
        // To overwrite whatever is there is what a put does.
        mode = config.onConflict() == SinkConfig.OnConflict.OVERWRITE ? WriteMode.PUT : config.writeMode();
        expectedRevision = config.expectedRevision().orElse(null);
        ttl = config.recordTtl().orElse(null);
        provenance = config.provenance();
    }

    /**
     * What is to be done.
     *
     * @param origin the record's place in Kafka as the consumer read it, before any transform
     * @throws DataException if the record can't be written as it is; the message says what to change
     */
    public Outcome convert(SinkRecord record, Origin origin) {
        RecordContent content = envelopes.contentOf(record);
        KvOperation operation = Operations.of(content, tombstone);
        if (operation == null) {
            return IGNORED;
        }
        boolean put = operation == KvOperation.PUT;
        String bucket = buckets.of(record);
        return new Outcome.Write(
                bucket,
                new KvWrite(
                        key(record, content),
                        operation,
                        put ? values.bytes(content.schema(), content.value()) : NO_VALUE,
                        headers.of(record),
                        condition(record, operation),
                        provenance ? Optional.of(origin) : Optional.empty(),
                        put && ttl != null ? ttl(record) : Optional.empty()));
    }

    private String key(SinkRecord record, RecordContent content) {
        String plain;
        if (keyIsRecordKey && record.key() == null) {
            if (content.key() == null) {
                throw new DataException("The record has no key, which names the entry; say where to take it from by "
                        + SinkConfig.KEY_TEMPLATE
                        + " (${value.<field>}, ${header.<name>}, ${topic}.${partition}.${offset})");
            }
            plain = content.key();
        } else {
            plain = keyTemplate.render(record);
        }
        try {
            return keyCodec.encode(plain);
        } catch (InvalidKeyException e) {
            String advice = keyCodec == KeyCodec.NONE ? ". " + SinkConfig.KEY_CODEC + "=base64 takes any key" : "";
            throw new DataException(e.getMessage() + advice, e);
        }
    }

    private Condition condition(SinkRecord record, KvOperation operation) {
        return switch (mode) {
            case PUT -> Condition.ALWAYS;
            case CREATE -> operation == KvOperation.PUT ? Condition.ABSENT : Condition.ALWAYS;
            case UPDATE -> new Condition.LastRevision(expectedRevision(record));
        };
    }

    private long expectedRevision(SinkRecord record) {
        String text = expectedRevision.render(record).trim();
        try {
            long revision = Long.parseLong(text);
            if (revision >= 0) {
                return revision;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new DataException("The expected revision \"" + text + "\", of " + SinkConfig.EXPECTED_REVISION + "="
                + expectedRevision + ", is no whole number of 0 or more");
    }

    private Optional<Duration> ttl(SinkRecord record) {
        String text = ttl.renderIfThere(record);
        if (text == null || text.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Durations.parse(text));
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    "The time to live of " + SinkConfig.RECORD_TTL + "=" + ttl + ": " + e.getMessage(), e);
        }
    }
}
