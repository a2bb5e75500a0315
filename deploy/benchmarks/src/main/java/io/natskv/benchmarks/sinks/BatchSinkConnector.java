package io.natskv.benchmarks.sinks;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/** Atomic batches as ours are sent, and nothing else: no offset, no claim, no check, no retry. Such a plain sink waits in put. */
public final class BatchSinkConnector extends PlainSinkConnector {
    static final String URL = "batch.url";
    static final String BUCKET = "batch.bucket";
    static final String MESSAGES = "batch.messages";
    static final String ORIGIN = "batch.origin";
    static final String ORIGIN_PREFIX = "batch.origin.prefix";

    public BatchSinkConnector() {
        super(
                BatchSinkTask.class,
                new ConfigDef()
                        .define(URL, Type.STRING, Importance.HIGH, "URL of the NATS server.")
                        .define(BUCKET, Type.STRING, Importance.HIGH, "The bucket.")
                        .define(MESSAGES, Type.INT, Importance.HIGH, "Of a batch.")
                        .define(
                                ORIGIN,
                                Type.STRING,
                                Importance.HIGH,
                                "The header that tells where a record comes from.")
                        .define(
                                ORIGIN_PREFIX,
                                Type.STRING,
                                Importance.HIGH,
                                "What it begins with; the offset follows."));
    }
}
