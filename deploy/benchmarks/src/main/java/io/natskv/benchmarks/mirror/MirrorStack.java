package io.natskv.benchmarks.mirror;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.natskv.benchmarks.UserProblem;
import io.natskv.testing.kafka.ConnectWorker;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.kafka.PluginFolder;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.TempFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;

/** A NATS server, a Kafka broker, and Connect workers one after another: processes all of them. Everything ends with it. */
public final class MirrorStack implements AutoCloseable {
    public static final NatsVersion VERSION = NatsVersion.V2_15;

    private static final String PLUGIN_ZIP = "natskv.plugin.zip";
    private static final String BROKER_HEAP = "1g";
    /** As Kafka's own start scripts have it, in place of what is good for workers that live for seconds. */
    private static final List<String> JVM = List.of(
            "-XX:-UseSerialGC",
            "-XX:+UseG1GC",
            "-XX:TieredStopAtLevel=4",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent");

    private final Deque<AutoCloseable> endings = new ArrayDeque<>();
    private final Optional<Path> profiles;
    private final NatsServer nats;
    private final KafkaBroker broker;
    private final Path plugins;
    private final Admin admin;

    /** @param profiles a folder that takes a flight recording of each worker */
    public MirrorStack(Optional<Path> profiles) throws IOException {
        this(profiles, NoopPlugin::install);
    }

    /** Puts a further plugin into the workers' plugin path, where ours is already. */
    @FunctionalInterface
    public interface MorePlugins {
        void install(Path pluginPath) throws IOException;
    }

    /**
     * @param profiles a folder that takes a flight recording of each worker
     * @param more what ours is measured against
     */
    public MirrorStack(Optional<Path> profiles, MorePlugins more) throws IOException {
        this.profiles = profiles;
        this.plugins = add(TempFolder.create("plugins")).path();
        Path zip = Path.of(System.getProperty(PLUGIN_ZIP, ""));
        if (!Files.isRegularFile(zip)) {
            throw new UserProblem("System property " + PLUGIN_ZIP + " names no plugin zip: use deploy/benchmarks/run.");
        }
        PluginFolder.unpack(zip, plugins);
        more.install(plugins);
        this.nats = add(NatsServer.start(VERSION));
        KafkaBroker.Builder kafka = KafkaBroker.builder()
                .heap(BROKER_HEAP)
                // The topics of the rounds before are to be gone, not on their way to the disk.
                .property("log.segment.delete.delay.ms", "500");
        JVM.forEach(kafka::jvmOption);
        this.broker = add(start(kafka::start));
        this.admin = add(Admin.create(Map.of("bootstrap.servers", broker.bootstrap())));
    }

    public NatsServer nats() {
        return nats;
    }

    public KafkaBroker broker() {
        return broker;
    }

    public Admin admin() {
        return admin;
    }

    /** jnats as it comes. */
    public Connection connection() throws IOException, InterruptedException {
        Connection connection = Nats.connect(Options.builder()
                .server(nats.url())
                .errorListener(new ErrorListener() {})
                .build());
        return add(connection);
    }

    /** How broker and workers run, but for the workers' heaps: for the report. */
    public static Map<String, Object> processes() {
        return Map.of("brokerHeap", BROKER_HEAP, "jvmOptions", JVM);
    }

    /** A worker of its own group; the caller closes it. */
    public ConnectWorker worker(String name, boolean exactlyOnce, String heap) {
        ConnectWorker.Builder settings = ConnectWorker.builder(broker.bootstrap())
                .groupId("bench-" + name)
                .pluginPath(plugins)
                .exactlyOnceSource(exactlyOnce)
                .offsetFlushInterval(Duration.ofSeconds(10))
                .heap(heap)
                .jvmOption("-XX:+ExitOnOutOfMemoryError");
        JVM.forEach(settings::jvmOption);
        profiles.ifPresent(
                folder -> settings.jvmOption("-XX:StartFlightRecording=settings=profile,dumponexit=true,filename="
                        + folder.resolve(name + ".jfr").toAbsolutePath()));
        return start(settings::start);
    }

    private static <T> T start(Supplier<T> start) {
        try {
            return start.get();
        } catch (IllegalStateException e) {
            throw new UserProblem(e.getMessage());
        }
    }

    private <T extends AutoCloseable> T add(T part) {
        endings.push(part);
        return part;
    }

    @Override
    public void close() {
        IllegalStateException failure = null;
        for (AutoCloseable part : endings) {
            try {
                part.close();
            } catch (Exception e) {
                // The others are to end all the same.
                if (failure == null) {
                    failure = new IllegalStateException(e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
