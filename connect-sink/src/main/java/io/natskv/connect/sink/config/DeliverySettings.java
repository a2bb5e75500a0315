package io.natskv.connect.sink.config;

import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings that say how records are brought to their buckets. */
final class DeliverySettings {
    private static final String GROUP = "Delivery";

    private DeliverySettings() {}

    static void define(ConfigDef def) {
        int order = 0;
        def.define(
                        SinkConfig.DELIVERY,
                        Type.STRING,
                        "at_least_once",
                        ConfigDef.ValidString.in("at_least_once", "exactly_once"),
                        Importance.HIGH,
                        "What is promised. at_least_once: every record is stored, and the last state of each key is that of the topic; after a "
                                + "crash some records are written again, where no later one of their key is there. exactly_once: every record is stored "
                                + "once, in order, with its offset in the same atomic batch; server 2.12 or later.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Delivery guarantee")
                .define(
                        SinkConfig.MAX_IN_FLIGHT,
                        Type.INT,
                        1_000,
                        Range.between(1, 100_000),
                        Importance.MEDIUM,
                        "How many writes of a task may wait for their acknowledgement. Of one key it is always one at most. "
                                + "at_least_once only.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Writes in flight")
                .define(
                        SinkConfig.MAX_IN_FLIGHT_BYTES,
                        Type.LONG,
                        32L << 20,
                        Range.atLeast(1),
                        Importance.LOW,
                        "How many bytes of keys and values these may hold. A single larger write still gets through. "
                                + "at_least_once only.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Bytes in flight")
                .define(
                        SinkConfig.COALESCE,
                        Type.BOOLEAN,
                        false,
                        Importance.LOW,
                        "Let a write that waits behind an earlier one of its key be replaced by a later one. The last state is the same; "
                                + "intermediate values are left out. at_least_once only.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Coalesce")
                .define(
                        SinkConfig.ACK_TIMEOUT_MS,
                        Type.INT,
                        5_000,
                        Range.between(100, 600_000),
                        Importance.LOW,
                        "How long to wait for the acknowledgement of a write before it is sent again, in milliseconds.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Acknowledgement time-out (ms)")
                .define(
                        SinkConfig.DELIVERY_DEADLINE_MS,
                        Type.INT,
                        120_000,
                        Range.between(1_000, 3_600_000),
                        Importance.LOW,
                        "How long a write is attempted in all, in milliseconds; then its partition is read again from the first record that "
                                + "is not stored.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Delivery deadline (ms)")
                .define(
                        SinkConfig.MAX_RETRIES,
                        Type.INT,
                        30,
                        Range.atLeast(-1),
                        Importance.MEDIUM,
                        "How many times that is done for one record before the task fails, with "
                                + SinkConfig.DELIVERY_DEADLINE_MS + " each time; -1 for ever.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Retries")
                .define(
                        SinkConfig.ORIGIN_ID,
                        Type.STRING,
                        "",
                        Importance.LOW,
                        "What makes the offsets of these topics comparable: a record is left out where its key holds a later record of the "
                                + "same topic and partition under the same value. Set another one when the offsets mean something else than "
                                + "before: after a move to another Kafka cluster, after a topic was deleted and made again, or to write a "
                                + "bucket anew after a reset of offsets.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Origin")
                .define(
                        SinkConfig.GUARD,
                        Type.BOOLEAN,
                        true,
                        Importance.LOW,
                        "Count on the key's last revision with every write, so that bytes of an earlier attempt that were held up somewhere "
                                + "can't land after a later write. Off, a key may end with a stale value after an outage, and a task that lost its "
                                + "partition may write late. Switch it off where servers of 2.9 or 2.10 mirror the bucket: such a mirror can stand still at a "
                                + "write that counts on a revision which it has never seen. at_least_once only: exactly_once refuses such writes by its "
                                + "claims.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Guard")
                .define(
                        SinkConfig.PROVENANCE,
                        Type.BOOLEAN,
                        true,
                        Importance.LOW,
                        "Store with every write which topic, partition and offset it comes from. Off, a record that comes after a later one of its "
                                + "partition, from a task that lost its partition or after a crash, is written over it.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Provenance")
                .define(
                        SinkConfig.KAFKA_ADMIN_SERVERS,
                        Type.STRING,
                        "",
                        Importance.MEDIUM,
                        "The Kafka brokers, host:port, which the task asks for the topic behind a name, because a connector is not told those "
                                + "of its worker. Then a topic that was deleted and made again is recognised, and its records count although their "
                                + "offsets begin at 0. Every other setting of a Kafka client can be given behind "
                                + SinkConfig.KAFKA_ADMIN_PREFIX
                                + " too: security.protocol, sasl.jaas.config and so on. The user must be allowed to describe the topics. Unset, "
                                + "the task can't tell; it leaves such records out as late and says so, or fails if it sees it happen, and "
                                + SinkConfig.ORIGIN_ID + " has to be changed by hand.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Kafka brokers");
    }
}
