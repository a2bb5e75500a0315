package io.natskv.quickstart;

import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.kafka.ConnectWorker;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsServerBinary;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.Sockets;
import io.natskv.testing.process.TempFolder;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The servers: those that the user named, and those that were started here, on 127.0.0.1, with all their files in the system's temporary
 * folder.
 *
 * @param nats how to reach the NATS server
 * @param connection a connection to it
 * @param bootstrap the Kafka broker, {@code host:port}
 * @param worker the Connect worker, always our own
 * @param leftovers is told what is made on them
 */
record Services(
        NatsConnectionConfig nats,
        KvConnection connection,
        String bootstrap,
        ConnectWorker worker,
        Leftovers leftovers) {
    private static final String CONNECT_HEAP = "384m";
    /** Often, so that who looks at the offsets sees them move. */
    private static final Duration OFFSET_FLUSH = Duration.ofSeconds(5);

    private static final String BROKER_HEAP = "384m";

    /**
     * Starts what is not given. Each server is registered for the end as soon as it runs.
     *
     * @throws UserProblem if a port is taken, or a server of the user's does not answer
     */
    static Services start(Options options, Path pluginZip, Output output, Cleanup cleanup) {
        String natsUrl = options.nats().orElseGet(() -> startNats(options, output, cleanup));
        NatsConnectionConfig nats = natsConfig(natsUrl);
        Preconditions.checkNats(nats, options);
        String bootstrap = options.kafka().orElseGet(() -> startKafka(options, output, cleanup));
        Preconditions.checkKafka(bootstrap, options);
        KvConnection connection = cleanup.add(KvConnection.open(nats));
        String group = groupId(options);
        Leftovers leftovers = new Leftovers(options, connection, bootstrap, cleanup);
        checkPort("--connect-port", options.connectPort());
        // The worker's own: the group's name is this run's alone.
        List.of("-config", "-offset", "-status").forEach(end -> leftovers.topicMade(group + end));
        ConnectWorker worker = output.step("Starting the Connect worker with the plugin", () -> {
            TempFolder plugins = cleanup.add(TempFolder.create("plugins"));
            PluginZip.install(pluginZip, plugins.path());
            return ConnectWorker.builder(bootstrap)
                    .groupId(group)
                    .pluginPath(plugins.path())
                    .port(options.connectPort())
                    .heap(CONNECT_HEAP)
                    .offsetFlushInterval(OFFSET_FLUSH)
                    .start();
        });
        cleanup.add(options.kafka().isPresent() ? worker : ended(worker::kill, worker));
        return new Services(nats, connection, bootstrap, worker, leftovers);
    }

    private static String startNats(Options options, Output output, Cleanup cleanup) {
        Path program = natsProgram(() -> NatsServerBinary.of(NatsVersion.latest(), output::line));
        checkPort("--nats-port", options.natsPort());
        NatsServer server = output.step(
                "Starting the NATS server " + NatsVersion.latest(),
                () -> NatsServer.builder()
                        .binary(program)
                        .port(options.natsPort())
                        .start());
        cleanup.add(ended(server::kill, server));
        return server.url();
    }

    /** @throws UserProblem if there is no program; the message says in three lines how to get one */
    static Path natsProgram(Supplier<Path> search) {
        try {
            return search.get();
        } catch (IllegalStateException e) {
            throw new UserProblem(e.getMessage(), e);
        }
    }

    private static String startKafka(Options options, Output output, Cleanup cleanup) {
        checkPort("--kafka-port", options.kafkaPort());
        KafkaBroker broker = output.step(
                "Starting the Kafka broker",
                () -> KafkaBroker.builder()
                        .port(options.kafkaPort())
                        .heap(BROKER_HEAP)
                        .start());
        cleanup.add(ended(broker::kill, broker));
        return broker.bootstrap();
    }

    /** Its data goes with it: nothing to wait for. */
    private static AutoCloseable ended(Runnable kill, AutoCloseable server) {
        return () -> {
            kill.run();
            server.close();
        };
    }

    /** User information of the address becomes user and password, or token: the connectors take them in settings of their own. */
    static NatsConnectionConfig natsConfig(String url) {
        int scheme = url.contains("://") ? url.indexOf("://") + 3 : 0;
        int at = url.lastIndexOf('@');
        try {
            if (at < 0) {
                return NatsConnectionConfig.of(url);
            }
            NatsConnectionConfig.Builder config =
                    NatsConnectionConfig.builder().servers(List.of(url.substring(0, scheme) + url.substring(at + 1)));
            String[] user = url.substring(scheme, at).split(":", 2);
            return user.length == 1
                    ? config.token(decoded(user[0]).toCharArray()).build()
                    : config.username(decoded(user[0]))
                            .password(decoded(user[1]).toCharArray())
                            .build();
        } catch (IllegalArgumentException e) {
            throw new UserProblem("Option --nats: " + e.getMessage(), e);
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** On the user's broker the name must not meet another worker's. */
    private static String groupId(Options options) {
        return "natskv-quickstart"
                + (options.kafka().isPresent()
                        ? "-" + UUID.randomUUID().toString().substring(0, 8)
                        : "");
    }

    private static void checkPort(String option, int port) {
        if (port != 0 && Sockets.accepts(port)) {
            throw new UserProblem("Port " + port + " of 127.0.0.1 is taken by another program. Give " + option
                    + " another port, or leave the option out to get a free one.");
        }
    }
}
