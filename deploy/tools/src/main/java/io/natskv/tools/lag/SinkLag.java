package io.natskv.tools.lag;

import com.fasterxml.jackson.databind.JsonNode;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.connect.sink.exactlyonce.StoredOffset;
import io.natskv.connect.sink.record.BucketNames;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.tools.ToolException;
import io.natskv.tools.offsets.StoredOffsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.DataException;

/** How far a sink has come: by the offsets of its consumer group, and exactly once by those that it keeps in its buckets. */
final class SinkLag {
    private static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition);

    private final SinkConfig config;
    private final Optional<Map<String, Object>> kafka;
    private final Supplier<KvConnection> nats;

    /**
     * @param kafka settings of a client; empty if it is not known where the brokers are
     * @param nats connects, if it is needed
     */
    SinkLag(Map<String, String> settings, Optional<Map<String, Object>> kafka, Supplier<KvConnection> nats) {
        this.config = new SinkConfig(settings);
        this.kafka = kafka;
        this.nats = nats;
    }

    /** @param offsets as Connect's REST API lists them */
    List<Position> of(JsonNode offsets) {
        Map<TopicPartition, Long> committed = committed(offsets);
        Map<TopicPartition, Long> stored =
                config.delivery() == SinkConfig.Delivery.EXACTLY_ONCE ? stored(committed) : Map.of();
        Set<TopicPartition> all = new TreeSet<>(ORDER);
        all.addAll(committed.keySet());
        all.addAll(stored.keySet());
        Map<TopicPartition, Long> ends = ends(all);
        return all.stream()
                .map(partition ->
                        position(partition, committed.get(partition), stored.get(partition), ends.get(partition)))
                .toList();
    }

    private Position position(TopicPartition partition, Long committed, Long stored, Long end) {
        Long position = stored != null ? stored : committed;
        String note = "";
        if (stored != null) {
            note = committed == null
                    ? "stored in the bucket; the group has committed nothing"
                    : "stored in the bucket; the group's offset is " + committed;
            if (committed != null && committed > stored) {
                note += ", ahead of it: see docs/exactly-once-sink.md";
            }
        } else if (config.delivery() == SinkConfig.Delivery.EXACTLY_ONCE) {
            note = "nothing is stored in the bucket";
        }
        return new Position(
                partition.topic() + "/" + partition.partition(),
                position,
                end,
                position == null || end == null ? null : Long.valueOf(Math.max(0, end - position)),
                note);
    }

    private static Map<TopicPartition, Long> committed(JsonNode offsets) {
        Map<TopicPartition, Long> committed = new TreeMap<>(ORDER);
        for (JsonNode stored : offsets) {
            JsonNode partition = stored.path("partition");
            committed.put(
                    new TopicPartition(
                            partition.path("kafka_topic").asText(),
                            partition.path("kafka_partition").asInt()),
                    stored.path("offset").path("kafka_offset").asLong());
        }
        return committed;
    }

    private Map<TopicPartition, Long> stored(Map<TopicPartition, Long> committed) {
        String id = new ExactlyOnceConfig(config).id();
        Map<TopicPartition, Long> stored = new HashMap<>();
        try (KvConnection connection = nats.get()) {
            StoredOffsets offsets = new StoredOffsets(connection);
            for (String bucket : buckets(committed)) {
                for (StoredOffsets.Held held : held(offsets, bucket)) {
                    StoredOffset offset = held.offset();
                    if (offset != null && offset.id().equals(id) && offset.next() != StoredOffset.NONE) {
                        stored.put(offset.partition(), offset.next());
                    }
                }
            }
        }
        return stored;
    }

    private static List<StoredOffsets.Held> held(StoredOffsets offsets, String bucket) {
        try {
            return offsets.of(bucket);
        } catch (BucketNotFoundException e) {
            return List.of(); // it is made with the first record
        }
    }

    /** Exactly once, the bucket depends on the topic alone. */
    private Set<String> buckets(Map<TopicPartition, Long> committed) {
        List<String> topics = new ArrayList<>(
                committed.keySet().stream().map(TopicPartition::topic).toList());
        Object named = config.originals().get("topics");
        if (named != null) {
            topics.addAll(List.of(named.toString().trim().split("\\s*,\\s*")));
        }
        BucketNames names = new BucketNames(config);
        return topics.stream()
                .map(topic -> {
                    try {
                        return names.ofTopic(topic);
                    } catch (DataException e) {
                        return null;
                    }
                })
                .filter(Objects::nonNull)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Map<TopicPartition, Long> ends(Set<TopicPartition> partitions) {
        if (kafka.isEmpty() || partitions.isEmpty()) {
            return Map.of();
        }
        Map<TopicPartition, Long> ends = new HashMap<>();
        try (Admin admin = Admin.create(kafka.get())) {
            Map<TopicPartition, OffsetSpec> asked =
                    partitions.stream().collect(Collectors.toMap(partition -> partition, same -> OffsetSpec.latest()));
            for (Map.Entry<TopicPartition, ListOffsetsResultInfo> end :
                    admin.listOffsets(asked).all().get().entrySet()) {
                ends.put(end.getKey(), end.getValue().offset());
            }
            return ends;
        } catch (ExecutionException e) {
            throw new ToolException(
                    "Kafka does not tell the ends of the topics: "
                            + e.getCause().getMessage(),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("Interrupted", e);
        }
    }
}
