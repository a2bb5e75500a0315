package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

/** Asks Kafka what a topic is now. A task's consumer does not tell: that needs a client of our own. */
interface TopicLog extends AutoCloseable {
    /**
     * What Kafka says of a partition.
     *
     * @param topicId empty if it is not known
     * @param end offset behind the last record; -1 if it is not known
     */
    record State(String topicId, long end) {
        static final State UNKNOWN = new State("", -1);
    }

    /** Asks; the future fails with a {@link KvException}. */
    CompletableFuture<State> look(TopicPartition partition);

    @Override
    default void close() {
        // nothing is open
    }

    /**
     * Asks by a client of these settings; where there are none, nothing is known.
     *
     * @throws KvException (fatal) if they can't be used
     */
    static TopicLog of(Map<String, Object> settings) {
        if (settings.isEmpty()) {
            return partition -> CompletableFuture.completedFuture(State.UNKNOWN);
        }
        try {
            return new Asking(Admin.create(settings));
        } catch (KafkaException e) {
            throw new KvException(
                    ErrorClass.FATAL,
                    "The settings " + SinkConfig.KAFKA_ADMIN_PREFIX + "* make no client of Kafka: " + e.getMessage(),
                    e);
        }
    }

    /** By an admin client. */
    final class Asking implements TopicLog {
        private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);

        private final Admin admin;

        private Asking(Admin admin) {
            this.admin = admin;
        }

        @Override
        public CompletableFuture<State> look(TopicPartition partition) {
            CompletionStage<Map<String, TopicDescription>> topics = admin.describeTopics(List.of(partition.topic()))
                    .allTopicNames()
                    .toCompletionStage();
            CompletionStage<ListOffsetsResultInfo> end = admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .toCompletionStage();
            return topics.thenCombine(
                            end,
                            (found, last) -> new State(
                                    found.get(partition.topic()).topicId().toString(), last.offset()))
                    .handle((state, error) -> {
                        if (error != null) {
                            throw failure(partition, error);
                        }
                        return state;
                    })
                    .toCompletableFuture();
        }

        private static KvException failure(TopicPartition partition, Throwable error) {
            Throwable cause =
                    error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
            String message = "Kafka does not tell about " + partition + ": " + cause.getMessage();
            return cause instanceof RetriableException
                    ? new UnavailableException(message, cause)
                    : new KvException(
                            ErrorClass.FATAL,
                            message + ". Allow the user of " + SinkConfig.KAFKA_ADMIN_PREFIX
                                    + "* to describe the topic, or unset "
                                    + SinkConfig.KAFKA_ADMIN_SERVERS,
                            cause);
        }

        @Override
        public void close() {
            admin.close(CLOSE_LIMIT);
        }
    }
}
