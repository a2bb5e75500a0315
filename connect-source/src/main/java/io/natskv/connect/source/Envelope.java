package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import java.util.Date;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;

/** Everything that is known of an entry, as a struct. Immutable. */
final class Envelope implements ValueFormat {
    static final String NAME = "io.natskv.Envelope";
    static final String BUCKET = "bucket";
    static final String KEY = "key";
    static final String OPERATION = "operation";
    static final String REVISION = "revision";
    static final String CREATED = "created";
    static final String DELTA = "delta";
    static final String SIZE = "size";
    static final String VALUE = "value";

    static final String PREVIOUS = "previous";
    static final String PREVIOUS_REVISION = "previous_revision";

    private final ValueFormat format;
    private final boolean metaOnly;
    private final boolean withPrevious;
    private final Schema schema;

    /**
     * @param format of the field value
     * @param metaOnly true if entries come without their values
     * @param withPrevious whether there are fields for what the key held before
     */
    Envelope(ValueFormat format, boolean metaOnly, boolean withPrevious) {
        this.format = format;
        this.metaOnly = metaOnly;
        this.withPrevious = withPrevious;
        SchemaBuilder builder = SchemaBuilder.struct()
                .name(NAME)
                .version(1)
                .doc("A change of a key in a NATS KV bucket")
                .field(BUCKET, Schema.STRING_SCHEMA)
                .field(KEY, Schema.STRING_SCHEMA)
                .field(OPERATION, Schema.STRING_SCHEMA)
                .field(REVISION, Schema.INT64_SCHEMA)
                .field(CREATED, Timestamp.SCHEMA)
                .field(DELTA, Schema.INT64_SCHEMA)
                .field(SIZE, Schema.INT64_SCHEMA)
                .field(VALUE, format.schema());
        if (withPrevious) {
            builder.field(PREVIOUS, format.schema()).field(PREVIOUS_REVISION, Schema.OPTIONAL_INT64_SCHEMA);
        }
        this.schema = builder.optional().build();
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public Struct of(KvEntry entry, String key, KvEntry previous) {
        Struct envelope = new Struct(schema)
                .put(BUCKET, entry.bucket())
                .put(KEY, key)
                .put(OPERATION, entry.operation().name())
                .put(REVISION, entry.revision())
                .put(CREATED, Date.from(entry.created()))
                .put(DELTA, entry.delta())
                .put(SIZE, entry.operation().isMarker() ? 0 : entry.valueLength())
                .put(VALUE, metaOnly ? null : valueOf(entry, key));
        if (withPrevious && previous != null) {
            envelope.put(PREVIOUS, valueOf(previous, key)).put(PREVIOUS_REVISION, previous.revision());
        }
        return envelope;
    }

    private Object valueOf(KvEntry entry, String key) {
        return entry.operation().isMarker() ? null : format.of(entry, key, null);
    }
}
