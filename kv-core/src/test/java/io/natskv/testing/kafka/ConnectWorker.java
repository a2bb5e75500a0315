package io.natskv.testing.kafka;

import io.natskv.testing.process.FreePorts;
import io.natskv.testing.process.ManagedProcess;
import io.natskv.testing.process.TempFolder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * One distributed Connect worker, in a process of its own.
 *
 * <p>It keeps its REST port, group and topics over {@link #kill()} and {@link #restart()}. Several workers of one
 * {@link Builder#groupId} make a Connect cluster. {@link #close()} stops it and deletes its folder; close it before its
 * broker.
 */
public final class ConnectWorker implements AutoCloseable {
    private static final int START_ATTEMPTS = 3;
    private static final int TAIL_LINES = 60;
    private static final Duration STOP_BOUND = Duration.ofSeconds(20);

    private final Builder settings;
    private final int port;
    private final TempFolder folder;
    private final Path properties;
    private final ConnectRest rest;
    private volatile ManagedProcess process;

    private ConnectWorker(Builder settings) {
        this.settings = settings;
        this.port = settings.port == 0 ? FreePorts.next() : settings.port;
        this.folder = TempFolder.create("connect-" + port);
        this.properties = JavaCommand.writeProperties(folder.path().resolve("worker.properties"), workerProperties());
        this.rest = new ConnectRest(restUrl());
    }

    /** Settings of a worker at this broker, {@code host:port}. */
    public static Builder builder(String bootstrap) {
        return new Builder(bootstrap);
    }

    /** The address of its REST interface. */
    public String restUrl() {
        return "http://127.0.0.1:" + port;
    }

    /** Its REST interface. */
    public ConnectRest rest() {
        return rest;
    }

    /** The group of the Connect cluster that it belongs to. */
    public String groupId() {
        return settings.groupId;
    }

    /**
     * Kills it by SIGKILL and waits for its end. Its group waits for it until its session is over, 30 s by default: who kills sets a shorter {@code
     * session.timeout.ms}.
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

    /** Starts it again with the same settings and port, after {@link #stop()} if it still runs. */
    public void restart() {
        stop();
        launch();
    }

    /** Freezes it. */
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

    /** Its own folder, with configuration and log. */
    public Path folder() {
        return folder.path();
    }

    /** The end of its log, over all its runs. */
    public String logTail() {
        return logTail(TAIL_LINES);
    }

    /** The last lines of its log, over all its runs. */
    public String logTail(int lines) {
        return ManagedProcess.tail(log(), lines);
    }

    /** Stops it and deletes its folder. */
    @Override
    public void close() {
        stop();
        folder.close();
    }

    @Override
    public String toString() {
        return "Connect worker " + restUrl();
    }

    private void launch() {
        Path log4j2 = JavaCommand.writeLog4j2(folder.path(), settings.logLevel);
        process = ManagedProcess.builder(
                        "Connect worker",
                        JavaCommand.of(
                                settings.classpath(),
                                settings.heap,
                                settings.jvmOptions,
                                log4j2,
                                "org.apache.kafka.connect.cli.ConnectDistributed",
                                properties.toString()))
                .directory(folder.path())
                .logFile(log())
                .start(settings.startDeadline, rest::healthy);
    }

    private Map<String, String> workerProperties() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("bootstrap.servers", settings.bootstrap);
        map.put("group.id", settings.groupId);
        for (String topic : List.of("config", "offset", "status")) {
            map.put(topic + ".storage.topic", settings.groupId + "-" + topic);
            map.put(topic + ".storage.replication.factor", "1");
        }
        map.put("offset.storage.partitions", "1");
        map.put("status.storage.partitions", "1");
        map.put("listeners", restUrl());
        map.put("rest.advertised.host.name", "127.0.0.1");
        map.put("rest.advertised.port", String.valueOf(port));
        map.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        map.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        map.put("plugin.path", String.join(",", settings.pluginPath));
        map.put("plugin.discovery", settings.pluginDiscovery);
        map.put("connector.client.config.override.policy", "All");
        map.put("exactly.once.source.support", settings.exactlyOnceSource ? "enabled" : "disabled");
        map.put("offset.flush.interval.ms", String.valueOf(settings.offsetFlushInterval.toMillis()));
        // A killed worker's tasks are taken over soon, by others or by its own next run.
        map.put("scheduled.rebalance.max.delay.ms", "0");
        // A machine that stalls for some seconds is no reason to be thrown out of the group.
        map.put("session.timeout.ms", "30000");
        map.put("heartbeat.interval.ms", "1000");
        map.putAll(settings.properties);
        return map;
    }

    private Path log() {
        return folder.path().resolve("connect.log");
    }

    private ManagedProcess running() {
        return Objects.requireNonNull(process, "not started");
    }

    /** Settings of a worker. Reusable: each {@link #start()} makes one more worker of the same group. */
    public static final class Builder {
        private final String bootstrap;
        private final Map<String, String> properties = new LinkedHashMap<>();
        private final List<String> pluginPath = new ArrayList<>();
        private final List<String> jvmOptions = new ArrayList<>();
        private String groupId = "connect-" + UUID.randomUUID().toString().substring(0, 8);
        private String pluginDiscovery = "service_load";
        private String classpath;
        private String heap = "512m";
        private String logLevel = "WARN";
        private int port;
        private boolean exactlyOnceSource;
        private Duration offsetFlushInterval = Duration.ofSeconds(60);
        private Duration startDeadline = Duration.ofSeconds(90);

        private Builder(String bootstrap) {
            this.bootstrap = bootstrap;
        }

        /** Adds a folder that holds plugin folders. */
        public Builder pluginPath(Path folder) {
            pluginPath.add(folder.toAbsolutePath().toString());
            return this;
        }

        /** How plugins are found; {@code service_load} by default. */
        public Builder pluginDiscovery(String value) {
            this.pluginDiscovery = value;
            return this;
        }

        /** The group of the Connect cluster and the prefix of its topics; unique by default. */
        public Builder groupId(String value) {
            this.groupId = value;
            return this;
        }

        /** Whether source connectors may write exactly once; off by default. */
        public Builder exactlyOnceSource(boolean value) {
            this.exactlyOnceSource = value;
            return this;
        }

        /** How often offsets are committed; 60 s by default, as Connect's own. */
        public Builder offsetFlushInterval(Duration value) {
            this.offsetFlushInterval = value;
            return this;
        }

        /** A line of the worker's properties, over the defaults. */
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

        /** The port of the REST interface; a free one by default. */
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
         * Starts a worker and waits until it is ready for requests.
         *
         * @throws IllegalStateException if there is no class path, or it does not become ready; the message carries the
         *     end of its log
         */
        public ConnectWorker start() {
            for (int attempt = 1; ; attempt++) {
                ConnectWorker worker = new ConnectWorker(this);
                try {
                    worker.launch();
                    return worker;
                } catch (RuntimeException e) {
                    boolean portTaken = worker.logTail().contains("Address already in use");
                    worker.close();
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
