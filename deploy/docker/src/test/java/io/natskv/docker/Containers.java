package io.natskv.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * NATS, Kafka and a worker in containers of one network, their ports mapped to free ones of 127.0.0.1. Their logs are
 * written to files under target/container-logs. {@link #close} removes the containers and the network.
 */
final class Containers implements AutoCloseable {
    static final int NATS_PORT = 4222;
    static final int NATS_HTTP_PORT = 8222;
    static final int REST_PORT = 8083;

    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration START = Duration.ofMinutes(3);

    private final Deque<AutoCloseable> started = new ArrayDeque<>();
    private final GenericContainer<?> nats;
    private final KafkaContainer kafka;
    private final GenericContainer<?> worker;

    private Containers(DockerImages images) {
        Network network = closing(Network.newNetwork());
        nats = closing(new GenericContainer<>(DockerImageName.parse(images.nats())))
                .withNetwork(network)
                .withNetworkAliases("nats")
                .withCommand("--jetstream", "--store_dir", "/data", "--http_port", String.valueOf(NATS_HTTP_PORT))
                .withExposedPorts(NATS_PORT, NATS_HTTP_PORT)
                .waitingFor(Wait.forHttp("/healthz?js-enabled-only=true").forPort(NATS_HTTP_PORT));
        kafka = closing(new KafkaContainer(
                        DockerImageName.parse(images.kafka()).asCompatibleSubstituteFor("apache/kafka")))
                .withNetwork(network)
                .withListener("kafka:19092");
        worker = closing(new GenericContainer<>(DockerImageName.parse(images.worker())))
                .withNetwork(network)
                .withNetworkAliases("connect")
                .withEnv("CONNECT_BOOTSTRAP_SERVERS", "kafka:19092")
                .withEnv("CONNECT_OFFSET_FLUSH_INTERVAL_MS", "1000")
                // Finds the connectors by their service files alone.
                .withEnv("CONNECT_PLUGIN_DISCOVERY", "service_load")
                .withExposedPorts(REST_PORT)
                // The image's own health check.
                .waitingFor(Wait.forHealthcheck());
        prepare(nats, "nats");
        prepare(kafka, "kafka");
        prepare(worker, "connect");
    }

    /** Starts all three and waits until they serve; what has started is removed if one fails. */
    static Containers start(DockerImages images) {
        Containers containers = new Containers(images);
        try {
            containers.nats.start();
            containers.kafka.start();
            containers.worker.start();
            return containers;
        } catch (RuntimeException e) {
            containers.close();
            throw e;
        }
    }

    /** The NATS server, from this machine. */
    String natsUrl() {
        return "nats://" + LOOPBACK + ":" + nats.getMappedPort(NATS_PORT);
    }

    /** The Kafka broker, from this machine. */
    String bootstrap() {
        return kafka.getBootstrapServers();
    }

    /** The worker's REST interface, from this machine. */
    String restUrl() {
        return "http://" + LOOPBACK + ":" + worker.getMappedPort(REST_PORT);
    }

    /** The worker's container. */
    GenericContainer<?> worker() {
        return worker;
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception e) {
                failure = failure == null ? new IllegalStateException("a container was not removed", e) : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Publishes each exposed port on a free one of the loopback interface, and on no other. */
    static void onLoopback(CreateContainerCmd command) {
        Ports ports = new Ports();
        for (ExposedPort port : command.getExposedPorts()) {
            ports.bind(port, Ports.Binding.bindIp(LOOPBACK));
        }
        command.getHostConfig().withPortBindings(ports);
    }

    private static void prepare(GenericContainer<?> container, String name) {
        Path log = freshLog(name);
        container
                .withStartupTimeout(START)
                .withCreateContainerCmdModifier(Containers::onLoopback)
                .withLogConsumer(frame -> append(log, frame.getUtf8String()));
    }

    private <T extends AutoCloseable> T closing(T part) {
        started.push(part);
        return part;
    }

    /** A new file for a log, of which tests beside each other have one each. */
    static Path freshLog(String name) {
        try {
            Path folder = Files.createDirectories(WorkerImage.folder().resolve("target/container-logs"));
            return Files.createTempFile(folder, name + "-", ".log");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void append(Path log, String text) {
        try {
            Files.writeString(log, text, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
