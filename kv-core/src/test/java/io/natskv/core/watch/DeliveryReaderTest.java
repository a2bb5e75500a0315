package io.natskv.core.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.JetStream;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.PullSubscribeOptions;
import io.nats.client.PurgeOptions;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.NatsJetStreamMetaData;
import io.natskv.core.PatientConnections;
import io.natskv.core.connection.KvConnection;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeliveryReaderTest {
    @RegisterExtension
    static final NatsServerExtension SERVER = NatsServerExtension.server(NatsVersion.latest());

    /** Only the first is read by hand; the others look like the consumer of another stream, as through a JetStream domain. */
    @ParameterizedTest
    @CsvSource({"%s,%s", "another,%s", "%s,another1"})
    void readsWhatJnatsReads(String stream, String consumer, NatsServer server) throws Exception {
        String name = "s" + stream.length() + consumer.length();
        try (KvConnection connection = PatientConnections.open(server.url())) {
            JetStreamManagement management = connection.nats().jetStreamManagement();
            JetStream jetStream = connection.nats().jetStream();
            management.addStream(
                    StreamConfiguration.builder().name(name).subjects(name).build());
            for (int i = 0; i < 12; i++) {
                jetStream.publish(name, new byte[] {1});
            }
            // Revisions and the consumer's count differ from here on.
            management.purgeStream(name, PurgeOptions.builder().sequence(4).build());
            List<Message> messages = jetStream
                    .subscribe(name, PullSubscribeOptions.builder().durable("c").build())
                    .fetch(9, Duration.ofSeconds(30));
            DeliveryReader reader = new DeliveryReader(stream.formatted(name), consumer.formatted("c"));

            assertThat(messages).hasSize(9);
            for (Message message : messages) {
                NatsJetStreamMetaData meta = message.metaData();
                assertThat(reader.read(message))
                        .isEqualTo(new Delivery(
                                message,
                                meta.streamSequence(),
                                meta.consumerSequence(),
                                meta.timestamp().toInstant(),
                                meta.pendingCount()));
            }
        }
    }
}
