package io.natskv.connect.source;

import java.time.Duration;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings of how much is under way. */
final class FlowSettings {
    static final String BATCH_MAX_RECORDS = "batch.max.records";
    static final String BUFFER_MAX_ENTRIES = "buffer.max.entries";
    static final String BUFFER_MAX_BYTES = "buffer.max.bytes";
    static final String POLL_MAX_WAIT_MS = "poll.max.wait.ms";

    private static final String GROUP = "Flow";

    private final AbstractConfig config;

    FlowSettings(AbstractConfig config) {
        this.config = config;
    }

    static ConfigDef define(ConfigDef def) {
        int order = 0;
        return def.define(
                        BATCH_MAX_RECORDS,
                        Type.INT,
                        2_000,
                        Range.between(1, 100_000),
                        Importance.LOW,
                        "How many records the task hands over at once. With exactly-once delivery this is also the size of a transaction.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Records per batch")
                .define(
                        BUFFER_MAX_ENTRIES,
                        Type.INT,
                        10_000,
                        Range.between(2, 1_000_000),
                        Importance.LOW,
                        "How many entries may wait in the task, for each of its bucket and filter pairs.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Buffered entries")
                .define(
                        BUFFER_MAX_BYTES,
                        Type.LONG,
                        16L << 20,
                        Range.atLeast(1024),
                        Importance.LOW,
                        "How many bytes of entries may wait in the task, for each of its bucket and filter pairs, and how many it hands over at "
                                + "once. A single larger entry still gets through.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Buffered bytes")
                .define(
                        POLL_MAX_WAIT_MS,
                        Type.INT,
                        500,
                        Range.between(1, 1_000),
                        Importance.LOW,
                        "How long the task waits for a change before it lets the worker look for pause and stop, in milliseconds. Changes "
                                + "are handed over as they come, whatever this is.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Longest wait (ms)");
    }

    int batchMaxRecords() {
        return config.getInt(BATCH_MAX_RECORDS);
    }

    int bufferMaxEntries() {
        return config.getInt(BUFFER_MAX_ENTRIES);
    }

    long bufferMaxBytes() {
        return config.getLong(BUFFER_MAX_BYTES);
    }

    Duration pollMaxWait() {
        return Duration.ofMillis(config.getInt(POLL_MAX_WAIT_MS));
    }
}
