package io.natskv.connect.sink.delivery;

import io.natskv.connect.sink.config.SinkConfig;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which topic is behind a name: its id is another one when it was deleted and made again (KIP-516). Asks without blocking; for one
 * thread.
 */
public final class TopicIds implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicIds.class);
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Admin admin;
    private final Map<TopicPartition, Uuid> known = new HashMap<>();
    private final Map<TopicPartition, CompletableFuture<Uuid>> questions = new HashMap<>();
    private long askAgainAt = System.nanoTime();

    private TopicIds(Admin admin) {
        this.admin = admin;
    }

    /**
     * Begins to connect to Kafka; empty if the settings don't say where it is.
     *
     * @throws ConnectException if the settings of the client can't be used
     */
    public static Optional<TopicIds> of(SinkConfig config) {
        Map<String, Object> settings = config.kafkaAdmin();
        if (settings.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new TopicIds(Admin.create(settings)));
        } catch (KafkaException e) {
            throw new ConnectException(
                    "The settings " + SinkConfig.KAFKA_ADMIN_PREFIX + "* make no client of Kafka: " + e.getMessage(),
                    e);
        }
    }

    /**
     * The id of a partition's topic, as of the first time that it was asked for. Each partition has its own: while a topic is made anew, what is
     * still under way from one partition is of the old one, and what comes from another is of the new one.
     *
     * @return null if it is not known yet: ask again
     * @throws ConnectException if it never will be
     */
    public Uuid of(TopicPartition partition) {
        Uuid id = known.get(partition);
        if (id != null) {
            return id;
        }
        if (askAgainAt - System.nanoTime() > 0) {
            return null;
        }
        CompletableFuture<Uuid> question = questions.computeIfAbsent(partition, asked -> ask(asked.topic()));
        if (!question.isDone()) {
            return null;
        }
        questions.remove(partition);
        try {
            Uuid found = question.join();
            known.put(partition, found);
            return found;
        } catch (CompletionException e) {
            if (e.getCause() instanceof AuthorizationException
                    || e.getCause() instanceof AuthenticationException
                    || e.getCause() instanceof UnsupportedVersionException) {
                throw new ConnectException(
                        "Kafka does not tell the id of topic " + partition.topic() + ": "
                                + e.getCause().getMessage()
                                + ". Allow the user of " + SinkConfig.KAFKA_ADMIN_PREFIX
                                + "* to describe the topic, or unset "
                                + SinkConfig.KAFKA_ADMIN_SERVERS,
                        e.getCause());
            }
            LOG.warn(
                    "The id of topic {} is not known yet: {}",
                    partition.topic(),
                    e.getCause().toString());
            askAgainAt = System.nanoTime() + PAUSE_NANOS;
            return null;
        }
    }

    private CompletableFuture<Uuid> ask(String topic) {
        return admin.describeTopics(List.of(topic))
                .topicNameValues()
                .get(topic)
                .toCompletionStage()
                .toCompletableFuture()
                .thenApply(description -> description.topicId());
    }

    /** Forgets a partition, whose topic may be another one by now; returns the id that it had, null if none was known. */
    public Uuid forget(TopicPartition partition) {
        questions.remove(partition);
        return known.remove(partition);
    }

    /** Does not wait for answers that are under way. */
    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
