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

    /** Where Kafka may not be asked. */
    static TopicLog unknown() {
        return partition -> CompletableFuture.completedFuture(State.UNKNOWN);
    }

    /**
     * Asks Kafka.
     *
     * @param settings of the client
     * @throws KvException (fatal) if they can't be used
     */
    static TopicLog asking(Map<String, Object> settings) {
        try {
            return new Asking(Admin.create(settings));
        } catch (KafkaException e) {
            throw new KvException(
                    ErrorClass.FATAL,
                    "Settings " + SinkConfig.KAFKA_ADMIN_PREFIX + "* can't be used: " + e.getMessage(),
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
                            message + ". Check the settings " + SinkConfig.KAFKA_ADMIN_PREFIX
                                    + "* and that this client may describe the topic",
                            cause);
        }

        @Override
        public void close() {
            admin.close(CLOSE_LIMIT);
        }
    }
}
