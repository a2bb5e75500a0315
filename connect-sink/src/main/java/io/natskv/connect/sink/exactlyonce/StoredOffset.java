package io.natskv.connect.sink.exactlyonce;

import io.nats.client.support.JsonParseException;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;

/**
 * Up to where a partition is stored, and who may go on: the last message of each batch.
 *
 * @param id the setting {@code eos.id}
 * @param partition the partition
 * @param next offset of the first record that is not stored; {@link #NONE} if the consumer group decides
 * @param owner who has claimed the partition: a name that one task gives itself once
 * @param epoch how often it was claimed, or its offset set from outside
 * @param batches how many batches were stored
 * @param topicId Kafka's id of the topic; empty if it is not known
 */
public record StoredOffset(
        String id, TopicPartition partition, long next, String owner, long epoch, long batches, String topicId) {
    /** No offset is stored. */
    public static final long NONE = -1;

    private static final int FORMAT = 1;

    public StoredOffset {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(topicId, "topicId");
    }

    /** That of a partition of which nothing is stored. */
    static StoredOffset none(String id, TopicPartition partition) {
        return new StoredOffset(id, partition, NONE, "", 0, 0, "");
    }

    /** After a claim. */
    StoredOffset claimedBy(String newOwner, long newNext, String newTopicId) {
        return new StoredOffset(id, partition, newNext, newOwner, epoch + 1, batches, newTopicId);
    }

    /** After a batch. */
    StoredOffset movedTo(long newNext) {
        return new StoredOffset(id, partition, newNext, owner, epoch, batches + 1, topicId);
    }

    /** True if no other task, and no later claim of the same one, has written since. */
    boolean isSameClaimAs(StoredOffset other) {
        return owner.equals(other.owner) && epoch == other.epoch;
    }

    byte[] toBytes() {
        return JsonValueUtils.mapBuilder()
                .put("format", FORMAT)
                .put("id", id)
                .put("topic", partition.topic())
                .put("partition", partition.partition())
                .put("next", next)
                .put("owner", owner)
                .put("epoch", epoch)
                .put("batches", batches)
                .put("topic_id", topicId)
                .toJsonValue()
                .toJson()
                .getBytes(StandardCharsets.UTF_8);
    }

    /** What was stored; empty if it is nothing that {@link #toBytes} has made. */
    public static Optional<StoredOffset> parse(byte[] data) {
        try {
            JsonValue json = JsonParser.parse(data);
            if (JsonValueUtils.readInteger(json, "format", 0) != FORMAT) {
                return Optional.empty();
            }
            return Optional.of(new StoredOffset(
                    JsonValueUtils.readString(json, "id"),
                    new TopicPartition(
                            JsonValueUtils.readString(json, "topic"), JsonValueUtils.readInteger(json, "partition", 0)),
                    JsonValueUtils.readLong(json, "next", NONE),
                    JsonValueUtils.readString(json, "owner", ""),
                    JsonValueUtils.readLong(json, "epoch", 0),
                    JsonValueUtils.readLong(json, "batches", 0),
                    JsonValueUtils.readString(json, "topic_id", "")));
        } catch (JsonParseException e) {
            return Optional.empty();
        }
    }
}
