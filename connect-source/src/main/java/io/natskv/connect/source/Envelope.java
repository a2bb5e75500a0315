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

    private final ValueFormat format;
    private final boolean metaOnly;
    private final Schema schema;

    /**
     * @param format of the field value
     * @param metaOnly true if entries come without their values
     */
    Envelope(ValueFormat format, boolean metaOnly) {
        this.format = format;
        this.metaOnly = metaOnly;
        this.schema = SchemaBuilder.struct()
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
                .field(VALUE, format.schema())
                .optional()
                .build();
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public Struct of(KvEntry entry, String key) {
        boolean without = metaOnly || entry.operation().isMarker();
        return new Struct(schema)
                .put(BUCKET, entry.bucket())
                .put(KEY, key)
                .put(OPERATION, entry.operation().name())
                .put(REVISION, entry.revision())
                .put(CREATED, Date.from(entry.created()))
                .put(DELTA, entry.delta())
                .put(SIZE, entry.operation().isMarker() ? 0 : entry.valueLength())
                .put(VALUE, without ? null : format.of(entry, key));
    }
}
