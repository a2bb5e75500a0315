package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.natskv.plugin.Topic.Item;
import io.natskv.testing.nats.NatsServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A record that can't be written goes to Connect's dead-letter topic, and the sink goes on behind it. */
class DeadLetterIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @RegisterExtension
    static final ConnectStack STACK = new ConnectStack(NatsServer.builder(), Map.of());

    @Test
    @SuppressWarnings("try") // closing a connection may be interrupted
    void anIllegalKeyGoesToTheDeadLetterTopic() throws Exception {
        try (Connection connection = STACK.nats().connect();
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                        STACK.broker().producerSettings(), new StringSerializer(), new ByteArraySerializer())) {
            Bucket bucket = Bucket.create(connection, "letters", 1);
            for (String key : new String[] {"before", "not legal", "behind"}) {
                producer.send(new ProducerRecord<>("letters", key, key.getBytes(StandardCharsets.UTF_8)))
                        .get();
            }
            STACK.startSink(
                    "letters-sink",
                    "letters",
                    "letters",
                    Map.of(
                            "errors.tolerance", "all",
                            "errors.deadletterqueue.topic.name", "letters-dead",
                            "errors.deadletterqueue.topic.replication.factor", "1",
                            "errors.deadletterqueue.context.headers.enable", "true"));

            await().atMost(SOON).until(() -> bucket.entries().keySet().equals(Set.of("before", "behind")));
            try (Topic dead = new Topic(STACK.broker().bootstrap(), "letters-dead")) {
                await().atMost(SOON)
                        .ignoreExceptions()
                        .untilAsserted(() -> assertThat(dead.read()).hasSize(1));
                Item letter = dead.read().get(0);
                assertThat(letter.key()).isEqualTo("not legal");
                assertThat(letter.value()).isEqualTo("not legal".getBytes(StandardCharsets.UTF_8));
                assertThat(letter.headers())
                        .containsEntry("__connect.errors.topic", "letters")
                        .hasEntrySatisfying(
                                "__connect.errors.exception.message",
                                message -> assertThat(message).contains("not legal"));
            }
            assertThat(STACK.rest().status("letters-sink").running()).isTrue();
        }
    }
}
