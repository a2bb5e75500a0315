package io.natskv.connect.sink.exactlyonce;

import io.natskv.core.write.AtomicBatchWriter;
import java.time.Duration;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings of {@code delivery=exactly_once} alone. */
public final class ExactlyOnceConfig {
    public static final String ID = "eos.id";
    public static final String BATCH_MAX_RECORDS = "batch.max.records";
    public static final String BATCH_MAX_BYTES = "batch.max.bytes";
    public static final String BATCHES_AHEAD = "batches.ahead";
    public static final String ON_OFFSET_MISMATCH = "on.offset.mismatch";
    public static final String ALLOW_REPUBLISH = "eos.allow.republish";
    public static final String MAX_FENCES = "eos.max.fences";

    /** Within this time {@link #MAX_FENCES} counts. */
    static final Duration FENCE_WINDOW = Duration.ofMinutes(10);

    private static final int MOST_AHEAD_OF_A_TASK = 2;
    private static final String GROUP = "Exactly once";
    /** One message of a batch is the offset. */
    private static final int MOST_RECORDS = AtomicBatchWriter.MAX_WRITES - 1;

    private final AbstractConfig config;

    /** @param config made of a definition that {@link #define} has added to */
    public ExactlyOnceConfig(AbstractConfig config) {
        this.config = config;
    }

    /** Adds these settings to a definition. */
    public static ConfigDef define(ConfigDef def) {
        int order = 0;
        return def.define(
                        ID,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "Under which name the offsets are stored in the bucket; the connector's name if empty. Give a"
                                + " connector that takes the place of another one the name of that one, to go on where it"
                                + " ended. Two connectors that run at the same time must not share it where they read the"
                                + " same topic into the same bucket: each would take the partitions away from the other.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Id of the offsets")
                .define(
                        BATCH_MAX_RECORDS,
                        Type.INT,
                        MOST_RECORDS,
                        Range.between(1, MOST_RECORDS),
                        Importance.LOW,
                        "Most records of one atomic batch. The server takes " + AtomicBatchWriter.MAX_WRITES
                                + " messages, of which one is the offset; lower it if the server's limit"
                                + " (jetstream.limits.batch.max_msgs) is lower.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Records in a batch")
                .define(
                        BATCH_MAX_BYTES,
                        Type.LONG,
                        4L << 20,
                        Range.atLeast(1),
                        Importance.LOW,
                        "Most bytes of one atomic batch, headers included; a single larger record still makes one. The"
                                + " server holds a batch in memory until it is whole, and a bucket with max_bytes needs"
                                + " that much free for it.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Bytes in a batch")
                .define(
                        BATCHES_AHEAD,
                        Type.INT,
                        16,
                        Range.atLeast(0),
                        Importance.LOW,
                        "Of how many partitions the next batch may go to the server before the last one is stored, of all"
                                + " tasks together; a task does so for at most two. A server takes 50 unfinished batches"
                                + " of a bucket at a time"
                                + " (jetstream.limits.batch.max_inflight_per_stream), whoever writes them: lower it if"
                                + " several connectors or other clients write batches to one bucket. 0 sends each batch"
                                + " when the one before is stored.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Batches sent ahead")
                .define(
                        ON_OFFSET_MISMATCH,
                        Type.STRING,
                        "fail",
                        ConfigDef.ValidString.in("fail", "reset"),
                        Importance.MEDIUM,
                        "What to do when the stored offset does not fit the topic, because the topic was deleted and"
                                + " made again, or has lost its end: fail the task, or reset, which drops the stored"
                                + " offset and writes what the topic holds now, from its beginning unless the topic is"
                                + " known to be the same, which has only lost its end.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "When offset and topic don't fit")
                .define(
                        ALLOW_REPUBLISH,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Confirm that nothing has to come of the bucket's republish setting: what is written by"
                                + " batches does not reach a stream that captures the republished subjects. Without"
                                + " confirmation such a bucket is refused.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Republish confirmed")
                .define(
                        MAX_FENCES,
                        Type.INT,
                        10,
                        Range.atLeast(1),
                        Importance.LOW,
                        "How often within ten minutes a partition may be claimed away from a task to which it stays"
                                + " assigned, before the task fails: somebody else writes under the same " + ID + ".",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Lost claims");
    }

    /** That of the connector if none is set. */
    public String id() {
        String id = config.getString(ID);
        return id == null || id.isEmpty()
                ? String.valueOf(config.originals().getOrDefault("name", "nats-kv-sink"))
                : id;
    }

    /** The connector's consumer group, as the worker names it. */
    public String group() {
        Object given = config.originals().get("consumer.override.group.id");
        return given == null ? "connect-" + config.originals().getOrDefault("name", "") : given.toString();
    }

    int batchMaxRecords() {
        return config.getInt(BATCH_MAX_RECORDS);
    }

    long batchMaxBytes() {
        return config.getLong(BATCH_MAX_BYTES);
    }

    boolean resetsOnMismatch() {
        return "reset".equals(config.getString(ON_OFFSET_MISMATCH));
    }

    boolean allowsRepublish() {
        return config.getBoolean(ALLOW_REPUBLISH);
    }

    int maxFences() {
        return config.getInt(MAX_FENCES);
    }

    /** Of how many partitions a task may send the next batch before the last one is stored. */
    int ahead() {
        Object tasks = config.originals().getOrDefault("tasks.max", "1");
        return Math.min(MOST_AHEAD_OF_A_TASK, config.getInt(BATCHES_AHEAD) / Integer.parseInt(tasks.toString()));
    }
}
