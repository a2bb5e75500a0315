package io.natskv.testing.nats;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.Message;
import io.nats.client.Options;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.natskv.testing.process.FreePorts;
import io.natskv.testing.process.ProcessStartException;
import io.natskv.testing.process.Wait;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Several NATS servers with JetStream, joined by routes; three by default.
 *
 * <p>{@link NatsServer#kill()}, {@link NatsServer#restart()}, {@link NatsServer#pause()} of a {@link #node(int)} act on
 * that node alone. Methods that ask about a stream use any node that runs. {@link #close()} ends all and deletes their
 * folders.
 */
// jnats declares close() to throw InterruptedException, which the lint "try" reports at every use.
@SuppressWarnings("try")
public final class NatsCluster implements AutoCloseable {
    private static final int START_ATTEMPTS = 3;
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final Duration REQUEST = Duration.ofSeconds(2);
    private static final String PROBE_STREAM = "NATSKV_READINESS";

    private final List<NatsServer> nodes;
    private final Consumer<Options.Builder> clientOptions;
    private final NatsMonitor monitor = new NatsMonitor();

    private NatsCluster(List<NatsServer> nodes, Consumer<Options.Builder> clientOptions) {
        this.nodes = List.copyOf(nodes);
        this.clientOptions = clientOptions;
    }

    /** Starts three servers of this version and waits until the cluster takes streams of three replicas. */
    public static NatsCluster start(NatsVersion version) {
        return builder().version(version).start();
    }

    /** Settings of a cluster. */
    public static Builder builder() {
        return new Builder();
    }

    /** One server, counted from 0. */
    public NatsServer node(int index) {
        return nodes.get(index);
    }

    /** The server of this name. */
    public NatsServer node(String name) {
        return nodes.stream()
                .filter(n -> n.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no server " + name + " among " + nodes));
    }

    /** All servers. */
    public List<NatsServer> nodes() {
        return nodes;
    }

    /** The addresses of all servers. */
    public List<String> urls() {
        return nodes.stream().map(NatsServer::url).toList();
    }

    /** The addresses of all servers, separated by commas. */
    public String url() {
        return String.join(",", urls());
    }

    /** The server that leads the cluster's metadata, if they have elected one. */
    public Optional<NatsServer> metaLeader() {
        for (NatsServer node : running()) {
            try {
                JsonValue meta = JsonValueUtils.readObject(monitor.ask(node, "/jsz"), "meta_cluster");
                String leader = JsonValueUtils.readString(meta, "leader");
                if (leader != null && !leader.isEmpty() && node(leader).alive()) {
                    return Optional.of(node(leader));
                }
            } catch (IOException e) {
                continue;
            }
        }
        return Optional.empty();
    }

    /**
     * The server that leads a stream; waits for an election under way.
     *
     * @throws IllegalStateException if there is no leader within two minutes
     */
    public NatsServer leaderOf(String stream) {
        return awaitCluster(stream, "leader of stream " + stream, info -> isRunning(info.getLeader()));
    }

    /** The servers that hold the other replicas of a stream. */
    public List<NatsServer> followersOf(String stream) {
        List<NatsServer> followers = new ArrayList<>();
        awaitCluster(stream, "followers of stream " + stream, info -> {
            followers.clear();
            info.getReplicas().forEach(r -> followers.add(node(r.getName())));
            return isRunning(info.getLeader());
        });
        return List.copyOf(followers);
    }

    /** Waits until a stream has a leader and all its replicas are up to date. */
    public void awaitReplicas(String stream) {
        awaitCluster(
                stream,
                "state of stream " + stream + " with all replicas current",
                info -> isRunning(info.getLeader())
                        && info.getReplicas().stream().allMatch(r -> r.isCurrent() && !r.isOffline()));
    }

    /** Has the leader of a stream give up its place, and returns the new leader, which is another server. */
    public NatsServer stepDown(String stream) {
        NatsServer old = leaderOf(stream);
        AtomicBoolean heard = new AtomicBoolean();
        return awaitCluster(stream, "new leader of stream " + stream, info -> {
            boolean still = old.name().equals(info.getLeader());
            if (still && !heard.get()) {
                heard.set(askToStepDown(stream));
            }
            return !still && isRunning(info.getLeader());
        });
    }

    /** Returns true if the leader has heard it; another request might reach its successor. */
    private boolean askToStepDown(String stream) {
        try (Connection connection = connectToAny()) {
            Message answer = connection.request("$JS.API.STREAM.LEADER.STEPDOWN." + stream, new byte[0], REQUEST);
            return answer != null && !answer.isStatusMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during step down of stream " + stream, e);
        }
    }

    /** A new connection that knows all servers and reconnects for ever; the caller closes it. */
    public Connection connect() {
        return connect(options -> {});
    }

    /** A new connection with the caller's options on top of the addresses; the caller closes it. */
    public Connection connect(Consumer<Options.Builder> customizer) {
        return NatsServer.connect(url(), clientOptions.andThen(customizer));
    }

    /**
     * Waits until all servers that run are joined by all their routes, and take streams with one replica on each of them.
     *
     * @throws IllegalStateException if they do not within two minutes
     */
    public void awaitReady() {
        int replicas = running().size();
        Wait.until("cluster that takes streams of " + replicas + " replicas", DEADLINE, () -> {
            Set<String> routes = monitor.routes(running());
            if (metaLeader().isEmpty() || replicas > 1 && routes.isEmpty()) {
                return false;
            }
            try (Connection connection = connectToAny()) {
                JetStreamManagement jsm = connection.jetStreamManagement();
                jsm.addStream(StreamConfiguration.builder()
                        .name(PROBE_STREAM)
                        .subjects(PROBE_STREAM)
                        .storageType(StorageType.Memory)
                        .replicas(replicas)
                        .build());
                // The same ones as before: one that is about to be closed for being double counts too.
                return jsm.deleteStream(PROBE_STREAM) && routes.equals(monitor.routes(running()));
            }
        });
    }

    /** The ends of all servers' logs, each under its server's name. */
    public String logTail(int lines) {
        return nodes.stream().map(n -> "--- " + n + "\n" + n.logTail(lines)).collect(Collectors.joining("\n"));
    }

    /** Ends all servers and deletes their folders. */
    @Override
    public void close() {
        // One that has to wait for the others' answers is slow to stop, and nothing of it is kept.
        nodes.stream().filter(NatsServer::alive).forEach(NatsServer::kill);
        nodes.forEach(NatsServer::close);
    }

    private List<NatsServer> running() {
        return nodes.stream().filter(n -> isRunning(n.name())).toList();
    }

    private boolean isRunning(String name) {
        return nodes.stream().anyMatch(n -> n.name().equals(name) && n.alive() && !n.paused());
    }

    private Connection connectToAny() {
        String urls = running().stream().map(NatsServer::url).collect(Collectors.joining(","));
        return NatsServer.connect(
                urls,
                clientOptions.andThen(options ->
                        options.connectionTimeout(REQUEST).maxReconnects(0).ignoreDiscoveredServers()));
    }

    private interface ClusterCheck {
        boolean accepts(ClusterInfo info);
    }

    private NatsServer awaitCluster(String stream, String what, ClusterCheck check) {
        AtomicReference<String> leader = new AtomicReference<>();
        Wait.until(what, DEADLINE, () -> {
            try (Connection connection = connectToAny()) {
                ClusterInfo info =
                        connection.jetStreamManagement().getStreamInfo(stream).getClusterInfo();
                if (info == null || !check.accepts(info)) {
                    return false;
                }
                leader.set(info.getLeader());
                return true;
            } catch (JetStreamApiException e) {
                throw new IOException(e.getMessage(), e);
            }
        });
        return node(leader.get());
    }

    /** Settings of a cluster. */
    public static final class Builder {
        private NatsVersion version = NatsVersion.latest();
        private int size = 3;
        private String name;
        private String config = "";
        private String jetStreamConfig = "";
        private Consumer<Options.Builder> clientOptions = options -> {};
        private Consumer<String> progress = line -> {};

        private Builder() {}

        /** The version; the newest by default. */
        public Builder version(NatsVersion value) {
            this.version = Objects.requireNonNull(value);
            return this;
        }

        /** The number of servers; 3 by default. */
        public Builder size(int value) {
            this.size = value;
            return this;
        }

        /** The cluster's name, unique by default; servers are called {@code <name>-0} and so on. */
        public Builder name(String value) {
            this.name = value;
            return this;
        }

        /** Lines of every server's configuration file; see {@link NatsServerBuilder#config}. */
        public Builder config(String lines) {
            this.config = lines;
            return this;
        }

        /** Lines for the inside of every server's {@code jetstream} block. */
        public Builder jetStreamConfig(String lines) {
            this.jetStreamConfig = lines;
            return this;
        }

        /** Options that a connection needs where the configuration asks for authentication or TLS. */
        public Builder clientOptions(Consumer<Options.Builder> value) {
            this.clientOptions = value;
            return this;
        }

        /** Is told, a line each, of what takes long before the start. */
        public Builder progress(Consumer<String> value) {
            this.progress = value;
            return this;
        }

        /**
         * Starts all servers and waits until they take streams with a replica on each.
         *
         * @throws IllegalStateException if they do not; the message carries the ends of their logs
         */
        public NatsCluster start() {
            Path program = NatsServerBinary.of(version, progress);
            for (int attempt = 1; ; attempt++) {
                NatsCluster cluster = prepare(program);
                try {
                    cluster.nodes.forEach(NatsServer::launch);
                    cluster.nodes.forEach(NatsServer::awaitReady);
                    cluster.awaitReady();
                    return cluster;
                } catch (ProcessStartException e) {
                    boolean portTaken = cluster.nodes.stream().anyMatch(NatsServer::portTaken);
                    cluster.close();
                    if (!portTaken || attempt == START_ATTEMPTS) {
                        throw e;
                    }
                } catch (RuntimeException e) {
                    String logs = cluster.logTail(15);
                    cluster.close();
                    throw new IllegalStateException(e.getMessage() + "\n" + logs, e);
                }
            }
        }

        private NatsCluster prepare(Path program) {
            List<Integer> ports = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                ports.add(FreePorts.next());
            }
            String clusterName = name == null ? "cluster-" + ports.get(0) : name;
            String routes = ports.stream().map(p -> "nats://127.0.0.1:" + p).collect(Collectors.joining(", "));
            List<NatsServer> nodes = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                NatsServerBuilder node = NatsServer.builder()
                        .version(version)
                        .name(clusterName + "-" + i)
                        .config(config)
                        .jetStreamConfig(jetStreamConfig)
                        .clientOptions(clientOptions)
                        .clusterConfig("cluster {\n  name: \"" + clusterName + "\"\n  host: 127.0.0.1\n  port: "
                                + ports.get(i) + "\n  routes: [" + routes + "]\n}\n");
                nodes.add(NatsServer.prepared(node, program));
            }
            return new NatsCluster(nodes, clientOptions);
        }
    }
}
