package io.natskv.plugin;

import io.natskv.testing.kafka.ConnectRest;
import io.natskv.testing.kafka.ConnectWorker;
import io.natskv.testing.kafka.ConnectorStatus;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.nats.NatsCluster;
import io.natskv.testing.nats.TcpProxy;
import io.natskv.testing.process.TempFolder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Three NATS servers behind proxies, a Kafka broker and two Connect workers of one group, all of which may be disturbed. */
final class SinkCluster implements AutoCloseable {
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final NatsCluster nats;
    private final List<TcpProxy> proxies;
    private final KafkaBroker broker;
    private final List<ConnectWorker> workers;

    SinkCluster() throws IOException {
        TempFolder plugins = opened(TempFolder.create("plugins"));
        Plugin.install(plugins.path());
        nats = opened(NatsCluster.builder().start());
        proxies = nats.nodes().stream().map(node -> opened(TcpProxy.to(node))).toList();
        broker = opened(KafkaBroker.builder().start());
        ConnectWorker.Builder settings = ConnectWorker.builder(broker.bootstrap())
                .pluginPath(plugins.path())
                .offsetFlushInterval(Duration.ofMillis(500))
                .property("session.timeout.ms", "5000")
                .logLevel("INFO");
        workers = Stream.generate(() -> opened(settings.start())).limit(2).toList();
    }

    private <T extends AutoCloseable> T opened(T part) {
        parts.add(0, part);
        return part;
    }

    NatsCluster nats() {
        return nats;
    }

    KafkaBroker broker() {
        return broker;
    }

    List<TcpProxy> proxies() {
        return proxies;
    }

    /** For the setting {@code nats.servers}. */
    String natsServers() {
        return proxies.stream().map(TcpProxy::url).collect(Collectors.joining(","));
    }

    ConnectWorker worker(int index) {
        return workers.get(index);
    }

    /** The REST interface of a worker that runs. */
    ConnectRest rest() {
        return workers.stream()
                .filter(ConnectWorker::alive)
                .findFirst()
                .orElseThrow()
                .rest();
    }

    /** The number of a worker that runs a task of a connector. */
    int workerOf(String connector) {
        return workersOf(connector).stream()
                .findFirst()
                .orElseThrow(
                        () -> new IllegalStateException(rest().status(connector).describe()));
    }

    /** The numbers of the workers that run tasks of a connector. */
    List<Integer> workersOf(String connector) {
        ConnectorStatus status = rest().status(connector);
        return IntStream.range(0, workers.size())
                .filter(i -> {
                    String address = workers.get(i).restUrl().replace("http://", "");
                    return status.tasks().stream()
                            .anyMatch(task -> task.workerId().equals(address));
                })
                .boxed()
                .toList();
    }

    String logs(int lines) {
        StringBuilder text = new StringBuilder();
        workers.forEach(
                worker -> text.append("--- ").append(worker).append('\n').append(worker.logTail(lines)));
        return text.append("--- NATS\n").append(nats.logTail(20)).toString();
    }

    @Override
    public void close() {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
