package io.natskv.tools;

import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.kafka.ConnectWorker;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.kafka.PluginFolder;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.process.TempFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A NATS server and a broker for all test classes of a run, and a worker with the plugin from the first test on that asks for it. Data stays, so
 * tests take buckets, topics and connectors of their own.
 */
final class Servers implements AutoCloseable {
    private final NatsServer nats;
    private final KafkaBroker broker;
    private final KvConnection connection;
    private final Admin admin;
    private final KafkaProducer<String, byte[]> producer;
    private TempFolder plugins;
    private ConnectWorker worker;

    /** Gives them to tests as a parameter. */
    static final class Shared implements ParameterResolver {
        private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(Servers.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == Servers.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            // Closed with the store, after the last class.
            return context.getRoot()
                    .getStore(NAMESPACE)
                    .getOrComputeIfAbsent(Servers.class, key -> new Servers(), Servers.class);
        }
    }

    private Servers() {
        broker = KafkaBroker.builder().start();
        nats = NatsServer.builder().start();
        connection = KvConnection.open(NatsConnectionConfig.of(nats.url()));
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
        Map<String, Object> settings = new HashMap<>(broker.producerSettings());
        settings.put("linger.ms", "5");
        producer = new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
    }

    NatsServer nats() {
        return nats;
    }

    String natsUrl() {
        return nats.url();
    }

    String bootstrap() {
        return broker.bootstrap();
    }

    KvConnection connection() {
        return connection;
    }

    /** The worker; starts it the first time. */
    synchronized ConnectWorker worker() {
        if (worker == null) {
            plugins = TempFolder.create("plugins");
            try {
                PluginFolder.unpack(Path.of(System.getProperty("natskv.plugin.zip")), plugins.path());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            worker = ConnectWorker.builder(broker.bootstrap())
                    .pluginPath(plugins.path())
                    .offsetFlushInterval(Duration.ofMillis(500))
                    .start();
        }
        return worker;
    }

    void createTopic(String topic, int partitions, Map<String, String> config)
            throws ExecutionException, InterruptedException {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(config)))
                .all()
                .get();
    }

    void deleteTopic(String topic) throws ExecutionException, InterruptedException {
        admin.deleteTopics(List.of(topic)).all().get();
    }

    KafkaProducer<String, byte[]> producer() {
        return producer;
    }

    /** @param value null for none */
    void send(String topic, String key, String value) {
        producer.send(new ProducerRecord<>(topic, key, value == null ? null : value.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public synchronized void close() {
        producer.close();
        admin.close();
        connection.close();
        if (worker != null) {
            worker.close();
            plugins.close();
        }
        broker.close();
        nats.close();
    }
}
