package io.natskv.connect.source.reconcile;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Whether reconciliation may read its topics, tried on the live brokers. What it says about an unreachable address is kept general. */
public final class TopicCheck {
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final ReconcileSettings settings;

    private TopicCheck(ReconcileSettings settings) {
        this.settings = settings;
    }

    /**
     * Tries to read these topics, on a thread of its own. One that is not there yet is fine.
     *
     * @return what is wrong, for the setting {@link ReconcileSettings#BOOTSTRAP_SERVERS}; within five seconds, with what was found by then
     */
    public static CompletableFuture<List<String>> start(ReconcileSettings settings, Collection<String> topics) {
        CompletableFuture<List<String>> result = new CompletableFuture<>();
        if (topics.isEmpty()) {
            result.complete(List.of());
            return result;
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(new TopicCheck(settings).run(topics));
                    } catch (RuntimeException | Error e) {
                        result.complete(List.of("The topics can't be looked at: " + e));
                    }
                },
                "nats-kv-validate-topics");
        thread.setDaemon(true);
        thread.start();
        return result.completeOnTimeout(List.of(), LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    }

    private List<String> run(Collection<String> topics) {
        List<String> problems = new ArrayList<>();
        for (String topic : topics) {
            Optional<String> problem = problemOf(topic);
            problem.ifPresent(problems::add);
            if (problem.isPresent()) {
                break; // the others would each take as long, to say the same
            }
        }
        return problems;
    }

    private Optional<String> problemOf(String topic) {
        var consumer = settings.consumer("nats-kv-validate");
        consumer.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Long.toString(LIMIT.toMillis()));
        consumer.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, Long.toString(LIMIT.toMillis()));
        try (TopicReader reader = new TopicReader(topic, consumer)) {
            reader.tryToRead(LIMIT);
            return Optional.empty();
        } catch (UnknownTopicOrPartitionException e) {
            return Optional.empty();
        } catch (AuthorizationException e) {
            return Optional.of("Topic \"" + topic
                    + "\" may not be read by this user; permit Describe and Read on it, for reconciliation");
        } catch (AuthenticationException e) {
            return Optional.of("The Kafka brokers refuse the user; check " + ReconcileSettings.CONSUMER_PREFIX
                    + "security.protocol and " + ReconcileSettings.CONSUMER_PREFIX + "sasl.*");
        } catch (TimeoutException e) {
            return Optional.of("The Kafka brokers do not answer");
        } catch (KafkaException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return Optional.of(
                    "A consumer can't be made of " + ReconcileSettings.CONSUMER_PREFIX + "*: " + cause.getMessage());
        }
    }
}
