package io.natskv.tools.verify;

import io.natskv.tools.Output;
import io.natskv.tools.ToolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A topic, read without a group from its beginning to its ends as they are then; what is committed counts. */
final class TopicSide implements Side {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration REQUEST = Duration.ofSeconds(15);
    private static final long STALLED = TimeUnit.SECONDS.toNanos(60);

    private final String topic;
    private final String bucket;
    private final Selection selection;
    private final RecordFormat format;
    private final boolean versionIsPlace;
    private final Output output;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private long records;

    /**
     * @param settings of a Kafka client
     * @param bucket whose records count
     * @param selection which keys
     * @param versionIsPlace whether {@link State#version} is the record's own place rather than the revision of its entry
     */
    TopicSide(
            Map<String, Object> settings,
            String topic,
            String bucket,
            Selection selection,
            RecordFormat format,
            boolean versionIsPlace,
            Output output) {
        this.topic = topic;
        this.bucket = bucket;
        this.selection = selection;
        this.format = format;
        this.versionIsPlace = versionIsPlace;
        this.output = output;
        Map<String, Object> all = new HashMap<>(settings);
        all.putIfAbsent(
                ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 4 << 20); // of the default, 50 MB, a small heap would suffer
        all.remove(ConsumerConfig.GROUP_ID_CONFIG);
        all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer = new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            partitions = partitions();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private List<TopicPartition> partitions() {
        List<PartitionInfo> found = consumer.listTopics(REQUEST).get(topic);
        if (found == null || found.isEmpty()) {
            throw new ToolException("Topic \"" + topic
                    + "\" is not there, or this user may not describe it; check --topic and --bootstrap-server");
        }
        return found.stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    @Override
    public String name() {
        return "topic \"" + topic + "\"";
    }

    @Override
    public String extent() {
        return "%d records in %d partition%s".formatted(records, partitions.size(), partitions.size() == 1 ? "" : "s");
    }

    @Override
    public void read(BiConsumer<String, State> reader) {
        consumer.assign(partitions);
        consumer.beginningOffsets(partitions, REQUEST).forEach((partition, begin) -> {
            consumer.seek(partition, begin);
            positions.put(partition, begin);
        });
        readOn(record -> reading(record, reader));
    }

    private void reading(ConsumerRecord<byte[], byte[]> record, BiConsumer<String, State> reader) {
        format.of(record, bucket).ifPresent(reading -> {
            State state = reading.state();
            if (selection.selects(reading.key())) {
                reader.accept(
                        reading.key(),
                        versionIsPlace
                                ? new State(
                                        state.present(), state.digest(), state.place(), state.place(), state.problem())
                                : state);
            }
        });
    }

    /** Reads from where it is to the ends that are now. */
    private void readOn(Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, REQUEST);
        long total = ends.values().stream().mapToLong(Long::longValue).sum();
        List<TopicPartition> open = new ArrayList<>(partitions);
        consumer.resume(partitions);
        long progressed = System.nanoTime();
        while (true) {
            open.removeIf(partition -> positions.get(partition) >= ends.get(partition));
            consumer.pause(partitions.stream()
                    .filter(partition -> !open.contains(partition))
                    .toList());
            if (open.isEmpty()) {
                return;
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                records++;
                reader.accept(record);
                output.progress(() -> "%s: %,d of up to %,d records read".formatted(name(), records, total));
            }
            for (TopicPartition partition : open) {
                long at = consumer.position(partition, REQUEST);
                if (positions.put(partition, at) != at) {
                    progressed = System.nanoTime();
                }
            }
            if (System.nanoTime() - progressed > STALLED) {
                throw new ToolException("Topic \"" + topic + "\" can't be read on: nothing came for "
                        + TimeUnit.NANOSECONDS.toSeconds(STALLED) + " s, at " + positions);
            }
        }
    }

    @Override
    public Map<String, State> again(Map<String, State> before) {
        Map<String, State> states = new HashMap<>(before);
        readOn(record -> reading(record, (key, state) -> states.computeIfPresent(key, (same, old) -> state)));
        return states;
    }

    @Override
    public String place(State state) {
        return state.place() == State.UNKNOWN ? null : TopicPlace.text(state.place());
    }

    /** A topic's past is not looked through. */
    @Override
    public OptionalLong earlier(String key, State state) {
        return OptionalLong.empty();
    }

    @Override
    @SuppressWarnings("deprecation") // the successor of this form of close is not there before Kafka 4.1
    public void close() {
        consumer.close(Duration.ofSeconds(2));
    }
}
