package io.natskv.plugin;

import io.natskv.testing.kafka.ConnectRest;
import io.natskv.testing.kafka.ConnectWorker;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsServerBuilder;
import io.natskv.testing.process.TempFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A NATS server, a Kafka broker and a distributed Connect worker for the tests of a class, processes all of them. The worker's
 * {@code plugin.path} holds the unpacked zip and nothing else, and it finds plugins by their service files only. What is disturbed by a test
 * is for that test to mend. When a test fails, the states of the connectors and their threads and the ends of the logs are printed.
 */
final class ConnectStack implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private static final Duration START = Duration.ofSeconds(60);
    private static final int LOG_LINES = 80;

    private final NatsServerBuilder natsSettings;
    private final Map<String, String> natsLogin;
    private final boolean exactlyOnce;
    private final Map<String, String> workerProperties = new HashMap<>();
    private final Map<String, String> brokerProperties = new HashMap<>();
    private String workerHeap = "512m";
    private Path converters;
    private TempFolder plugins;
    private NatsServer nats;
    private KafkaBroker broker;
    private ConnectWorker worker;

    /**
     * @param natsSettings the NATS server
     * @param natsLogin settings by which connectors authenticate there
     */
    ConnectStack(NatsServerBuilder natsSettings, Map<String, String> natsLogin) {
        this(natsSettings, natsLogin, false);
    }

    /** @param exactlyOnce whether the worker runs sources exactly-once, which it then does with all of them */
    ConnectStack(NatsServerBuilder natsSettings, Map<String, String> natsLogin, boolean exactlyOnce) {
        this.natsSettings = natsSettings;
        this.natsLogin = natsLogin;
        this.exactlyOnce = exactlyOnce;
    }

    /** The worker's heap, which it ends at the first time that it does not suffice. */
    ConnectStack workerHeap(String heap) {
        workerHeap = heap;
        return this;
    }

    /** For tests that kill the worker: how long its group waits for it, and its next run with it. */
    ConnectStack workerSession(Duration session) {
        workerProperties.put("session.timeout.ms", String.valueOf(session.toMillis()));
        return this;
    }

    /** Tests kill the broker: it can register again only when its last session has expired. */
    ConnectStack brokerIsKilled() {
        brokerProperties.put("broker.session.timeout.ms", "3000");
        return this;
    }

    /** Another folder with jars of converters for the worker's {@code plugin.path}, which need not have service files. */
    ConnectStack converters(Path folder) {
        converters = folder;
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        plugins = TempFolder.create("plugins");
        Plugin.install(plugins.path());
        nats = natsSettings.start();
        KafkaBroker.Builder brokerSettings = KafkaBroker.builder();
        brokerProperties.forEach(brokerSettings::property);
        broker = brokerSettings.start();
        ConnectWorker.Builder settings = ConnectWorker.builder(broker.bootstrap())
                .pluginPath(plugins.path())
                .pluginDiscovery("service_load");
        if (converters != null) {
            settings.pluginPath(converters.getParent()).pluginDiscovery("hybrid_warn");
        }
        workerProperties.forEach(settings::property);
        worker = settings
                // Often, so that a worker that is killed has something to return to.
                .offsetFlushInterval(Duration.ofMillis(500))
                .exactlyOnceSource(exactlyOnce)
                .heap(workerHeap)
                .jvmOption("-XX:+ExitOnOutOfMemoryError")
                .logLevel("INFO")
                .start();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            System.err.println("--- Connectors after the failure of " + context.getDisplayName() + "\n"
                    + WorkerState.describe(worker));
            System.err.println("--- Connect worker after the failure of " + context.getDisplayName() + "\n"
                    + worker.logTail(LOG_LINES));
            System.err.println("--- Kafka broker\n" + broker.logTail());
            System.err.println("--- NATS server\n" + nats.logTail());
        }
        // A connector of one test must not work on during the next.
        rest().connectors().forEach(rest()::delete);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        for (AutoCloseable part : new AutoCloseable[] {worker, broker, nats, plugins}) {
            try {
                if (part != null) {
                    part.close();
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    NatsServer nats() {
        return nats;
    }

    KafkaBroker broker() {
        return broker;
    }

    ConnectWorker worker() {
        return worker;
    }

    ConnectRest rest() {
        return worker.rest();
    }

    /** Starts the source of the shipped example for a bucket, with further settings; its topic is {@code kv.<bucket>}. */
    void startSource(String connector, String bucket, Map<String, String> more) throws IOException {
        Map<String, String> config = config("nats-kv-source");
        config.put("kv.buckets", bucket);
        config.putAll(more);
        start(connector, config);
    }

    /** Starts the sink of the shipped example from a topic to a bucket, with further settings. */
    void startSink(String connector, String topic, String bucket, Map<String, String> more) throws IOException {
        Map<String, String> config = config("nats-kv-sink");
        config.put("topics", topic);
        config.put("bucket.template", bucket);
        config.putAll(more);
        start(connector, config);
    }

    /** The shipped example, turned to this NATS server. */
    Map<String, String> config(String example) throws IOException {
        Map<String, String> config = new HashMap<>(Plugin.example(example));
        config.put("nats.servers", nats.url());
        config.putAll(natsLogin);
        return config;
    }

    private void start(String connector, Map<String, String> config) {
        rest().put(connector, config);
        rest().awaitRunning(connector, START);
    }
}
