package io.natskv.soak;

import io.nats.client.Connection;
import io.natskv.testing.kafka.ConnectRest;
import io.natskv.testing.kafka.ConnectWorker;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.kafka.PluginFolder;
import io.natskv.testing.nats.NatsCluster;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import io.natskv.testing.process.TempFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All processes: three NATS servers behind proxies, a broker, two workers of a group that writes exactly once, one of a group that does not.
 * Connect decides for a whole worker whether its sources run in transactions, so that the at-least-once form of a source needs one of its own.
 */
final class Stack implements AutoCloseable {
    static final int WORKERS = 2;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<Path> folders = new CopyOnWriteArrayList<>();
    private final NatsCluster nats;
    private final List<TcpProxy> proxies;
    private final KafkaBroker broker;
    private final ConnectWorker.Builder exactSettings;
    private final ConnectWorker.Builder plainSettings;
    /** The two of the exactly-once group, then the other one. */
    private final List<ConnectWorker> workers = new CopyOnWriteArrayList<>();

    Stack(Path pluginZip) throws IOException {
        Path plugins = opened(TempFolder.create("plugins")).path();
        PluginFolder.unpack(pluginZip, plugins);
        nats = opened(NatsCluster.builder().version(NatsVersion.V2_15).start());
        nats.nodes().forEach(node -> folders.add(node.folder()));
        proxies = nats.nodes().stream().map(node -> opened(TcpProxy.to(node))).toList();
        broker = opened(KafkaBroker.builder()
                // A worker that was killed leaves its transaction behind, which nobody else ends sooner.
                .property("transaction.abort.timed.out.transaction.cleanup.interval.ms", "2000")
                .start());
        folders.add(broker.folder());
        exactSettings = settings(plugins, "soak-exact").exactlyOnceSource(true);
        plainSettings = settings(plugins, "soak-plain");
        List<ConnectWorker> started = Stream.of(exactSettings, exactSettings, plainSettings)
                .parallel()
                .map(ConnectWorker.Builder::start)
                .toList();
        started.forEach(this::added);
    }

    private ConnectWorker.Builder settings(Path plugins, String group) {
        return ConnectWorker.builder(broker.bootstrap())
                .groupId(group)
                .pluginPath(plugins)
                .offsetFlushInterval(Duration.ofSeconds(2))
                .property("session.timeout.ms", "6000")
                .heap("384m")
                .logLevel("INFO");
    }

    private void added(ConnectWorker worker) {
        workers.add(opened(worker));
        folders.add(worker.folder());
    }

    private synchronized <T extends AutoCloseable> T opened(T part) {
        parts.push(part);
        return part;
    }

    NatsCluster nats() {
        return nats;
    }

    List<TcpProxy> proxies() {
        return proxies;
    }

    /** For the parts under test: through the proxies. */
    String natsServers() {
        return proxies.stream().map(TcpProxy::url).collect(Collectors.joining(","));
    }

    /** For writers and recorders: to the servers themselves, and off one that does not answer soon. */
    Connection connect() {
        return opened(nats.connect(options -> options.connectionTimeout(Duration.ofSeconds(1))
                .pingInterval(Duration.ofMillis(500))
                .maxPingsOut(2)));
    }

    KafkaBroker broker() {
        return broker;
    }

    int workers() {
        return workers.size();
    }

    ConnectWorker worker(int number) {
        return workers.get(number);
    }

    /** Another worker of the group takes the place of one, which is killed. */
    void replaceWorker(int number) {
        ConnectWorker old = workers.get(number);
        old.kill();
        ConnectWorker next = (number < WORKERS ? exactSettings : plainSettings).start();
        opened(next);
        folders.add(next.folder());
        workers.set(number, next);
    }

    /** The REST interface of the group that a connector belongs to, at a worker that runs. */
    ConnectRest rest(boolean exact) {
        List<ConnectWorker> group = exact ? workers.subList(0, WORKERS) : workers.subList(WORKERS, workers.size());
        return group.stream()
                .filter(ConnectWorker::alive)
                .findFirst()
                .orElse(group.get(0))
                .rest();
    }

    /** Starts and wakes everything that a fault left behind. */
    void heal() {
        proxies.forEach(TcpProxy::heal);
        for (NatsServer node : nats.nodes()) {
            if (node.paused()) {
                node.resume();
            }
            if (!node.alive()) {
                node.restart();
            }
        }
        if (!broker.alive()) {
            broker.restart();
        } else {
            broker.resume();
        }
        for (ConnectWorker worker : workers) {
            if (!worker.alive()) {
                worker.restart();
            } else {
                worker.resume();
            }
        }
    }

    /** For another part with a folder of its own. */
    <T extends AutoCloseable> T add(T part, Path folder) {
        folders.add(folder);
        return opened(part);
    }

    /** Copies what all processes have left: logs, settings and data. */
    void keep(Path target) throws IOException {
        for (Path folder : folders) {
            List<Path> files = new ArrayList<>();
            try (Stream<Path> tree = Files.walk(folder)) {
                tree.forEach(files::add);
            }
            for (Path file : files) {
                Path to = target.resolve(folder.getParent().relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else if (Files.isRegularFile(file)) {
                    Files.copy(file, to);
                }
            }
        }
    }

    /** Kills everything: what is kept must stand still. */
    void kill() {
        workers.stream().filter(ConnectWorker::alive).forEach(ConnectWorker::kill);
        if (broker.alive()) {
            broker.kill();
        }
        nats.nodes().stream().filter(NatsServer::alive).forEach(NatsServer::kill);
    }

    @Override
    public void close() {
        kill();
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                // The next one is to end all the same; the JVM's end takes what is left.
                System.err.println(part + " can't be closed: " + e);
            }
        }
    }
}
