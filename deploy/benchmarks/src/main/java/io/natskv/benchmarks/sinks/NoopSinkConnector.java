package io.natskv.benchmarks.sinks;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/** Takes records and does nothing with them: what is left is what it costs to read them from Kafka. */
public final class NoopSinkConnector extends PlainSinkConnector {
    static final String URL = "noop.url";
    static final String BUCKET = "noop.bucket";
    static final String RECORDS = "noop.records";
    static final String PASSES = "noop.passes";
    static final String RECORDS_PER_ENTRY = "noop.records.per.entry";

    public NoopSinkConnector() {
        super(
                NoopSinkTask.class,
                new ConfigDef()
                        .define(URL, Type.STRING, Importance.HIGH, "URL of the NATS server.")
                        .define(BUCKET, Type.STRING, Importance.HIGH, "The bucket that tells how far it is.")
                        .define(RECORDS, Type.INT, Importance.HIGH, "How many records the topic has.")
                        .define(PASSES, Type.INT, Importance.HIGH, "How often to read it.")
                        .define(
                                RECORDS_PER_ENTRY,
                                Type.INT,
                                Importance.HIGH,
                                "After how many records there is an entry."));
    }
}
