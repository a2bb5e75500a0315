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
import java.util.Arrays;
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
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.connect.errors.DataException;

/** How far a sink has come: by the offsets of its consumer group, and exactly once by those that it keeps in its buckets. */
final class SinkLag {
    private static final Comparator<TopicPartition> ORDER =
            Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition);

    private final SinkConfig config;
    private final Optional<Map<String, Object>> kafka;
    private final Supplier<KvConnection> nats;

    /** What a partition holds; null where Kafka was not asked. */
    private record Span(Long begin, Long end) {
        static final Span UNKNOWN = new Span(null, null);
        /** Was deleted. */
        static final Span GONE = new Span(null, null);

        /** @param position null for none: then it begins with the partition */
        Long behind(Long position) {
            if (end == null) {
                return null;
            }
            return Math.max(0, end - (position == null ? begin : position));
        }
    }

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
        Map<TopicPartition, Span> spans = new TreeMap<>(ORDER);
        spans.putAll(spans(all));
        return spans.entrySet().stream()
                .map(span -> position(
                        span.getKey(), committed.get(span.getKey()), stored.get(span.getKey()), span.getValue()))
                .toList();
    }

    private Position position(TopicPartition partition, Long committed, Long stored, Span span) {
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
        } else if (committed == null) {
            note = "nothing is committed yet";
        }
        String place = partition.topic() + "/" + partition.partition();
        return span == Span.GONE
                ? new Position(place, position, null, 0L, "the topic has no such partition any more")
                : new Position(place, position, span.end(), span.behind(position), note);
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

    /** The topics that the configuration names; those by a pattern are known by what is committed. */
    private List<String> topics() {
        Object named = config.originals().get("topics");
        return named == null
                ? List.of()
                : Arrays.stream(named.toString().split(","))
                        .map(String::trim)
                        .filter(topic -> !topic.isEmpty())
                        .toList();
    }

    /** Exactly once, the bucket depends on the topic alone. */
    private Set<String> buckets(Map<TopicPartition, Long> committed) {
        Set<String> topics = new TreeSet<>(topics());
        committed.keySet().forEach(partition -> topics.add(partition.topic()));
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

    private Map<TopicPartition, Span> spans(Set<TopicPartition> partitions) {
        if (kafka.isEmpty()) {
            return partitions.stream().collect(Collectors.toMap(partition -> partition, same -> Span.UNKNOWN));
        }
        try (Admin admin = Admin.create(kafka.get())) {
            Set<String> topics = new TreeSet<>(topics());
            partitions.forEach(partition -> topics.add(partition.topic()));
            Set<TopicPartition> all = there(admin, topics);
            Map<TopicPartition, Long> begins = offsets(admin, all, OffsetSpec.earliest());
            Map<TopicPartition, Long> ends = offsets(admin, all, OffsetSpec.latest());
            Map<TopicPartition, Span> spans = new HashMap<>();
            partitions.forEach(partition -> spans.put(partition, Span.GONE));
            all.forEach(partition -> spans.put(partition, new Span(begins.get(partition), ends.get(partition))));
            return spans;
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

    /** Also partitions of which nothing was committed yet: they are behind, too. Not those of topics that were deleted. */
    private static Set<TopicPartition> there(Admin admin, Set<String> topics)
            throws ExecutionException, InterruptedException {
        Set<TopicPartition> found = new TreeSet<>(ORDER);
        for (var topic : admin.describeTopics(topics).topicNameValues().entrySet()) {
            try {
                topic.getValue()
                        .get()
                        .partitions()
                        .forEach(partition -> found.add(new TopicPartition(topic.getKey(), partition.partition())));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return found;
    }

    private static Map<TopicPartition, Long> offsets(Admin admin, Set<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> asked =
                partitions.stream().collect(Collectors.toMap(partition -> partition, same -> spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (Map.Entry<TopicPartition, ListOffsetsResultInfo> found :
                admin.listOffsets(asked).all().get().entrySet()) {
            offsets.put(found.getKey(), found.getValue().offset());
        }
        return offsets;
    }
}
