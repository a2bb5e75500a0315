package io.natskv.testing.kafka;

import io.natskv.testing.process.FreePorts;
import io.natskv.testing.process.ManagedProcess;
import io.natskv.testing.process.ProcessStartException;
import io.natskv.testing.process.Sockets;
import io.natskv.testing.process.TempFolder;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * One Kafka broker and controller in KRaft mode, in a process of its own.
 *
 * <p>It keeps its ports and data over {@link #kill()} and {@link #restart()}. {@link #close()} stops it and deletes its
 * folder; close workers first.
 */
public final class KafkaBroker implements AutoCloseable {
    private static final int START_ATTEMPTS = 3;
    private static final int TAIL_LINES = 60;
    private static final int READ_MILLIS = 2000;
    private static final Duration STOP_BOUND = Duration.ofSeconds(20);

    private final Builder settings;
    private final int port;
    private final int controllerPort;
    private final TempFolder folder;
    private final Path properties;
    private volatile ManagedProcess process;

    private KafkaBroker(Builder settings) {
        this.settings = settings;
        this.port = settings.port == 0 ? FreePorts.next() : settings.port;
        this.controllerPort = FreePorts.next();
        this.folder = TempFolder.create("kafka-" + port);
        this.properties = JavaCommand.writeProperties(folder.path().resolve("server.properties"), serverProperties());
    }

    /** Settings of a broker. */
    public static Builder builder() {
        return new Builder();
    }

    /** Where clients connect, {@code 127.0.0.1:<port>}. */
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    /**
     * For a producer whose records come into topics that were just made: a broker refuses the first batch for a moment, and with several in flight their
     * order is lost, whereupon an idempotent producer may try the rest in vain.
     */
    public Map<String, Object> producerSettings() {
        return Map.of(
                "bootstrap.servers",
                bootstrap(),
                "enable.idempotence",
                "false",
                "max.in.flight.requests.per.connection",
                "1");
    }

    /** The clients' port. */
    public int port() {
        return port;
    }

    /**
     * Kills it by SIGKILL and waits for its end. It can register again only when its last session has expired, after 9 s by default: who kills sets a
     * shorter {@code broker.session.timeout.ms}.
     */
    public void kill() {
        running().kill();
    }

    /** Stops it in order, within 20 s, else it is killed; does nothing if it has ended. */
    public void stop() {
        ManagedProcess current = process;
        if (current != null) {
            current.stop(STOP_BOUND);
        }
    }

    /** Starts it again on the same ports and data, after {@link #stop()} if it still runs. */
    public void restart() {
        stop();
        launch();
    }

    /** Freezes it: connections stay open, nothing answers. */
    public void pause() {
        running().pause();
    }

    /** Lets it go on after {@link #pause()}. */
    public void resume() {
        running().resume();
    }

    /** Whether the process runs. */
    public boolean alive() {
        ManagedProcess current = process;
        return current != null && current.alive();
    }

    /** The process id of the current run. */
    public long pid() {
        return running().pid();
    }

    /** Its own folder, with configuration, log and data. */
    public Path folder() {
        return folder.path();
    }

    /** The end of its log, over all its runs. */
    public String logTail() {
        return ManagedProcess.tail(log(), TAIL_LINES);
    }

    /** Stops it and deletes its folder. */
    @Override
    public void close() {
        stop();
        folder.close();
    }

    @Override
    public String toString() {
        return "Kafka broker " + bootstrap();
    }

    private void format() {
        // 16 random bytes; a leading "-" would be taken for an option.
        UUID uuid = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits() & Long.MAX_VALUE)
                .putLong(uuid.getLeastSignificantBits())
                .array();
        String clusterId = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        try (ManagedProcess tool = process(
                        "StorageTool",
                        "kafka.tools.StorageTool",
                        "format",
                        "--standalone",
                        "-t",
                        clusterId,
                        "-c",
                        properties.toString())
                .launch()) {
            if (tool.awaitEnd(settings.startDeadline) != 0) {
                throw new ProcessStartException("the broker's storage can't be formatted:\n" + logTail());
            }
        }
    }

    private void launch() {
        process = process("Kafka broker", "kafka.Kafka", properties.toString())
                .start(settings.startDeadline, this::answers);
    }

    private ManagedProcess.Builder process(String name, String mainClass, String... arguments) {
        Path log4j2 = JavaCommand.writeLog4j2(folder.path(), settings.logLevel);
        return ManagedProcess.builder(
                        name,
                        JavaCommand.of(
                                settings.classpath(), settings.heap, settings.jvmOptions, log4j2, mainClass, arguments))
                .directory(folder.path())
                .logFile(log());
    }

    /** Whether it answers an ApiVersions request (key 18, version 0): the port alone opens earlier. */
    private boolean answers() throws IOException {
        try (Socket socket = Sockets.connect(port)) {
            socket.setSoTimeout(READ_MILLIS);
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            int correlation = 4711;
            out.write(ByteBuffer.allocate(14)
                    .putInt(10)
                    .putShort((short) 18)
                    .putShort((short) 0)
                    .putInt(correlation)
                    .putShort((short) -1)
                    .array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readInt();
            return in.readInt() == correlation && in.readShort() == 0;
        }
    }

    private Map<String, String> serverProperties() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("process.roles", "broker,controller");
        map.put("node.id", "1");
        map.put("controller.quorum.bootstrap.servers", "127.0.0.1:" + controllerPort);
        map.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        map.put("controller.listener.names", "CONTROLLER");
        map.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        map.put("log.dirs", folder.path().resolve("data").toString());
        map.put("num.partitions", "1");
        map.put("default.replication.factor", "1");
        map.put("min.insync.replicas", "1");
        map.put("offsets.topic.num.partitions", "1");
        map.put("offsets.topic.replication.factor", "1");
        map.put("transaction.state.log.num.partitions", "1");
        map.put("transaction.state.log.replication.factor", "1");
        map.put("transaction.state.log.min.isr", "1");
        map.put("share.coordinator.state.topic.num.partitions", "1");
        map.put("share.coordinator.state.topic.replication.factor", "1");
        map.put("share.coordinator.state.topic.min.isr", "1");
        map.put("group.initial.rebalance.delay.ms", "0");
        map.put("group.min.session.timeout.ms", "1000");
        // Not shorter: a machine that stalls for some seconds is no reason to be fenced.
        map.put("broker.session.timeout.ms", "9000");
        map.put("broker.heartbeat.interval.ms", "500");
        map.put("log.cleaner.dedupe.buffer.size", "2097152");
        map.put("num.network.threads", "2");
        map.put("num.io.threads", "4");
        map.putAll(settings.properties);
        return map;
    }

    private Path log() {
        return folder.path().resolve("kafka.log");
    }

    private ManagedProcess running() {
        return Objects.requireNonNull(process, "not started");
    }

    /** Settings of a broker. Reusable: each {@link #start()} makes one of its own. */
    public static final class Builder {
        private final Map<String, String> properties = new LinkedHashMap<>();
        private final List<String> jvmOptions = new ArrayList<>();
        private String classpath;
        private String heap = "512m";
        private String logLevel = "WARN";
        private int port;
        private Duration startDeadline = Duration.ofSeconds(90);

        private Builder() {}

        /** A line of server.properties, over the defaults; as {@code message.max.bytes}. */
        public Builder property(String name, String value) {
            properties.put(name, value);
            return this;
        }

        /** A folder of jars or a class path; by default that of {@link KafkaClasspath#resolve()}. */
        public Builder classpath(String value) {
            this.classpath = value;
            return this;
        }

        /** The maximum heap as the JVM takes it; 512m by default. */
        public Builder heap(String value) {
            this.heap = value;
            return this;
        }

        /** One more option of the JVM, as {@code -Dname=value}. */
        public Builder jvmOption(String value) {
            jvmOptions.add(value);
            return this;
        }

        /** The level of the process's log; WARN by default. */
        public Builder logLevel(String value) {
            this.logLevel = value;
            return this;
        }

        /** The clients' port; a free one by default. */
        public Builder port(int value) {
            this.port = value;
            return this;
        }

        /** How long a start may take; 90 s by default, for machines that are busy. */
        public Builder startDeadline(Duration value) {
            this.startDeadline = value;
            return this;
        }

        /**
         * Formats a storage, starts a broker and waits until it answers.
         *
         * @throws IllegalStateException if there is no class path, or it does not become ready; the message carries the
         *     end of its log
         */
        public KafkaBroker start() {
            for (int attempt = 1; ; attempt++) {
                KafkaBroker broker = new KafkaBroker(this);
                try {
                    broker.format();
                    broker.launch();
                    return broker;
                } catch (RuntimeException e) {
                    boolean portTaken = broker.logTail().contains("Address already in use");
                    broker.close();
                    if (!portTaken || port != 0 || attempt == START_ATTEMPTS) {
                        throw e;
                    }
                }
            }
        }

        private String classpath() {
            return classpath == null ? KafkaClasspath.resolve() : KafkaClasspath.of(classpath);
        }
    }
}
