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
import io.natskv.testing.process.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * All processes: three NATS servers behind proxies, a broker, two workers of a group that writes exactly once, one of a group that does not.
 * Connect decides for a whole worker whether its sources run in transactions, so that the at-least-once form of a source needs one of its own.
 */
final class Stack implements AutoCloseable {
    static final NatsVersion VERSION = NatsVersion.V2_15;
    static final String EXACT_GROUP = "soak-exact";
    static final int WORKERS = 2;

    private static final Duration SOON = Duration.ofSeconds(60);

    private final Deque<AutoCloseable> parts;
    private final List<Path> folders = new CopyOnWriteArrayList<>();
    private final NatsCluster nats;
    private final List<TcpProxy> proxies;
    private final KafkaBroker broker;
    private final ConnectWorker.Builder exactSettings;
    private final ConnectWorker.Builder plainSettings;
    /** The two of the exactly-once group, then the other one. */
    private final List<ConnectWorker> workers = new CopyOnWriteArrayList<>();

    /**
     * Starts everything.
     *
     * @throws RuntimeException if something can't be started; what was started before has ended then
     */
    static Stack start(Path pluginZip) throws IOException {
        Deque<AutoCloseable> parts = new ArrayDeque<>();
        try {
            return new Stack(pluginZip, parts);
        } catch (IOException | RuntimeException | Error e) {
            close(parts);
            throw e;
        }
    }

    private Stack(Path pluginZip, Deque<AutoCloseable> parts) throws IOException {
        this.parts = parts;
        Path plugins = opened(TempFolder.create("plugins")).path();
        PluginFolder.unpack(pluginZip, plugins);
        nats = opened(NatsCluster.builder().version(VERSION).start());
        nats.nodes().forEach(node -> folders.add(node.folder()));
        proxies = nats.nodes().stream().map(node -> opened(TcpProxy.to(node))).toList();
        broker = opened(KafkaBroker.builder()
                // A worker that was killed leaves its transaction behind, which nobody else ends sooner.
                .property("transaction.abort.timed.out.transaction.cleanup.interval.ms", "2000")
                // Killed, it can register again only when its last session has expired.
                .property("broker.session.timeout.ms", "3000")
                .start());
        folders.add(broker.folder());
        exactSettings = settings(plugins, EXACT_GROUP).exactlyOnceSource(true);
        plainSettings = settings(plugins, "soak-plain");
        List<ConnectWorker> started = Stream.of(exactSettings, exactSettings, plainSettings)
                .parallel()
                .map(ConnectWorker.Builder::start)
                .toList();
        started.forEach(this::added);
    }

    /** The servers and the broker that do not run, with the ends of their logs. While there is no fault: they have ended by themselves. */
    List<String> ended() {
        List<String> ended = new ArrayList<>();
        nats.nodes().stream()
                .filter(node -> !node.alive())
                .forEach(node -> ended.add(node.name() + " has ended by itself: " + node.logTail()));
        if (!broker.alive()) {
            ended.add("the broker has ended by itself: " + broker.logTail());
        }
        return ended;
    }

    /** The numbers of the workers that do not run. */
    List<Integer> endedWorkers() {
        return IntStream.range(0, workers.size())
                .filter(number -> !workers.get(number).alive())
                .boxed()
                .toList();
    }

    private ConnectWorker.Builder settings(Path plugins, String group) {
        return ConnectWorker.builder(broker.bootstrap())
                .groupId(group)
                .pluginPath(plugins)
                .offsetFlushInterval(Duration.ofSeconds(2))
                .property("session.timeout.ms", "6000")
                .heap("384m")
                // What has no memory left is to be seen.
                .jvmOption("-XX:+ExitOnOutOfMemoryError")
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
        return opened(Wait.value(
                "connection to the NATS servers",
                SOON,
                () -> nats.connect(options -> options.connectionTimeout(Duration.ofSeconds(1))
                        .pingInterval(Duration.ofMillis(500))
                        .maxPingsOut(2))));
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

    /**
     * Copies what all processes have left: logs, settings and data.
     *
     * @return what could not be copied
     */
    List<String> keep(Path target) {
        List<String> missing = new ArrayList<>();
        for (Path folder : folders) {
            try (Stream<Path> tree = Files.walk(folder)) {
                for (Path file : tree.toList()) {
                    Path to = target.resolve(folder.getParent().relativize(file).toString());
                    if (Files.isDirectory(file)) {
                        Files.createDirectories(to);
                    } else if (Files.isRegularFile(file)) {
                        Files.copy(file, to);
                    }
                }
            } catch (IOException | UncheckedIOException e) {
                missing.add(folder + ": " + e);
            }
        }
        return missing;
    }

    /** How many bytes all processes have in their folders. */
    long bytes() throws IOException {
        long bytes = 0;
        for (Path folder : folders) {
            try (Stream<Path> tree = Files.walk(folder)) {
                for (Path file : tree.toList()) {
                    bytes += size(file);
                }
            } catch (UncheckedIOException e) {
                continue; // a file that went meanwhile
            }
        }
        return bytes;
    }

    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0; // it is gone
        }
    }

    /** How many bytes there is room for. */
    long free() throws IOException {
        return Files.getFileStore(folders.get(0)).getUsableSpace();
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
        close(parts);
    }

    private static void close(Deque<AutoCloseable> parts) {
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
