package io.natskv.benchmarks.sinks;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;

/** A sink as one writes it first: a put for each record, one after another. */
public final class PutLoopSinkConnector extends PlainSinkConnector {
    static final String URL = "loop.url";
    static final String BUCKET = "loop.bucket";

    public PutLoopSinkConnector() {
        super(
                PutLoopSinkTask.class,
                new ConfigDef()
                        .define(URL, Type.STRING, Importance.HIGH, "URL of the NATS server.")
                        .define(BUCKET, Type.STRING, Importance.HIGH, "The bucket."));
    }
}
