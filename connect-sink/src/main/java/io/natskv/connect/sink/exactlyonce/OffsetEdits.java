package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.OffsetStore.Held;
import io.natskv.connect.sink.record.BucketNames;
import io.natskv.core.connect.ConnectErrors;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.DataException;

/**
 * Sets the stored offsets of a stopped connector, as Connect's REST API asks (KIP-875). Each is written under a new epoch, so that a task that
 * still hangs about somewhere can't move it back.
 */
public final class OffsetEdits {
    private static final String OWNER = "offsets set over REST";
    private static final int ATTEMPTS = 5;
    private static final Duration PAUSE = Duration.ofMillis(300);

    private final SinkConfig settings;
    private final ExactlyOnceConfig config;
    private final String id;
    private final BucketNames bucketNames;

    public OffsetEdits(SinkConfig settings) {
        this.settings = settings;
        this.config = new ExactlyOnceConfig(settings);
        this.id = config.id();
        this.bucketNames = new BucketNames(settings);
    }

    /**
     * Sets offsets.
     *
     * @param offsets by partition; null for none, of which everything is accepted that Kafka may know. Where all are null, every partition of
     *     these topics that is stored is reset, also those that the group has not committed. Without partitions everything that is stored is reset: Kafka then knows of none, which is how a reset comes here before the first commit
     * @throws ConnectException if an offset could not be set
     */
    public void apply(Map<TopicPartition, Long> offsets) {
        try (KvConnection connection = KvConnection.open(settings.connection("offsets of " + id))) {
            Map<TopicPartition, Long> all = withUncommitted(connection, offsets);
            Map<String, OffsetStore> stores = new HashMap<>();
            all.forEach((partition, offset) -> {
                OffsetStore store = store(connection, stores, partition, offset);
                if (store != null) {
                    set(store, partition, offset == null ? StoredOffset.NONE : offset);
                }
            });
        } catch (KvException e) {
            throw ConnectErrors.of(e, "Set stored offsets");
        }
    }

    /** A reset names only what the group has committed: a partition of these topics may be stored and not be committed yet. */
    private Map<TopicPartition, Long> withUncommitted(KvConnection connection, Map<TopicPartition, Long> offsets) {
        if (offsets.values().stream().anyMatch(Objects::nonNull)) {
            return offsets;
        }
        Set<String> topics =
                offsets.keySet().stream().map(TopicPartition::topic).collect(Collectors.toSet());
        Map<TopicPartition, Long> all = resetOfAll(connection, topics);
        if (!topics.isEmpty()) {
            all.keySet().removeIf(partition -> !topics.contains(partition.topic()));
        }
        all.putAll(offsets);
        return all;
    }

    /** @return null if there is nothing that could be reset */
    private OffsetStore store(
            KvConnection connection, Map<String, OffsetStore> stores, TopicPartition partition, Long offset) {
        try {
            return stores.computeIfAbsent(
                    bucketNames.ofTopic(partition.topic()),
                    bucket -> await(OffsetStore.open(connection, bucket, config, settings.ackTimeout())));
        } catch (DataException | BucketNotFoundException e) {
            if (offset == null) {
                return null;
            }
            throw e;
        }
    }

    private void set(OffsetStore store, TopicPartition partition, long next) {
        for (int attempt = 1; ; attempt++) {
            try {
                Held held = await(store.read(partition));
                if (held.revision() > 0 || next != StoredOffset.NONE) {
                    // The topic may be another one by now: its id is learned by the next claim.
                    await(store.write(List.of(), held.offset().claimedBy(OWNER, next, ""), held.revision()));
                }
                return;
            } catch (KvException e) {
                boolean passing = e.errorClass() == ErrorClass.TRANSIENT || e instanceof WrongRevisionException;
                if (!passing || attempt == ATTEMPTS) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    private Map<TopicPartition, Long> resetOfAll(KvConnection connection, Set<String> topics) {
        Map<TopicPartition, Long> result = new HashMap<>();
        for (String bucket : buckets(topics)) {
            BucketSubjects subjects = BucketSubjects.of(bucket, connection.api().prefix());
            String filter = subjects.offsetsReadSubject(OffsetName.allOf(id));
            try {
                for (String subject : await(connection.api().subjects(subjects.stream(), filter))
                        .keySet()) {
                    StoredOffset.parse(await(connection.api().lastMessage(subjects.stream(), subject))
                                    .getData())
                            .ifPresent(stored -> result.put(stored.partition(), null));
                }
            } catch (KvException e) {
                if (!KvErrors.isCode(e, KvErrors.STREAM_NOT_FOUND)) {
                    throw e;
                }
            }
        }
        return result;
    }

    /** As far as the settings name them, or these topics do. */
    private Set<String> buckets(Set<String> known) {
        Set<String> buckets = new TreeSet<>();
        for (String topic : known) {
            try {
                buckets.add(bucketNames.ofTopic(topic));
            } catch (DataException e) {
                // nothing of it can be stored
            }
        }
        if (!known.isEmpty()) {
            return buckets;
        }
        List<String> topics = new ArrayList<>();
        if (settings.bucketTemplate().isConstant() && settings.topicBuckets().isEmpty()) {
            topics.add("");
        } else {
            Object named = settings.originals().get("topics");
            Arrays.stream(named == null ? new String[0] : named.toString().split(","))
                    .map(String::trim)
                    .filter(topic -> !topic.isEmpty())
                    .forEach(topics::add);
        }
        return topics.stream().map(bucketNames::ofTopic).collect(Collectors.toCollection(TreeSet::new));
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw KvErrors.translate(e, "");
        }
    }
}
