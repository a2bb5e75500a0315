package io.natskv.testing.nats;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.natskv.testing.process.FreePorts;
import io.natskv.testing.process.ManagedProcess;
import io.natskv.testing.process.ProcessStartException;
import io.natskv.testing.process.Sockets;
import io.natskv.testing.process.TempFolder;
import io.natskv.testing.process.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * One nats-server process on 127.0.0.1, with JetStream unless told otherwise.
 *
 * <p>It keeps its ports and its store over {@link #kill()} and {@link #restart()}. {@link #close()} stops it and deletes
 * its temporary folder. Thread-safe.
 */
public final class NatsServer implements AutoCloseable {
    private static final int START_ATTEMPTS = 5;
    private static final int TAIL_LINES = 60;

    private final NatsServerBuilder settings;
    private final Path program;
    private final String name;
    private final int port;
    private final int monitorPort;
    private final TempFolder folder;
    private final Path storeDir;
    private volatile String config;
    private volatile ManagedProcess process;

    private NatsServer(NatsServerBuilder settings, Path program) {
        this.settings = settings;
        this.program = program;
        this.port = settings.port == 0 ? FreePorts.next() : settings.port;
        this.monitorPort = FreePorts.next();
        // Unique, so that a foreign server on our port is noticed.
        this.name = settings.name == null ? "nats-" + port + "-" + monitorPort : settings.name;
        this.config = settings.config;
        this.folder = TempFolder.create(name.replaceAll("[^A-Za-z0-9_-]", "_"));
        this.storeDir = settings.storeDir == null ? folder.path().resolve("jetstream") : settings.storeDir;
    }

    /** Starts a server with JetStream on a free port. */
    public static NatsServer start(NatsVersion version) {
        return builder().version(version).start();
    }

    /** Settings of a server; the newest version on a free port by default. */
    public static NatsServerBuilder builder() {
        return new NatsServerBuilder();
    }

    static NatsServer started(NatsServerBuilder settings) {
        Path program = settings.program();
        for (int attempt = 1; ; attempt++) {
            NatsServer server = new NatsServer(settings, program);
            try {
                server.launch();
                server.awaitReady();
                return server;
            } catch (ProcessStartException e) {
                boolean portTaken = server.portTaken();
                server.close();
                // Another program was quicker on our free port.
                if (!portTaken || settings.port != 0 || attempt == START_ATTEMPTS) {
                    throw e;
                }
            } catch (RuntimeException e) {
                server.close();
                throw e;
            }
        }
    }

    static NatsServer prepared(NatsServerBuilder settings, Path program) {
        return new NatsServer(settings, program);
    }

    void launch() {
        try {
            Path file = folder.path().resolve("nats.conf");
            Files.writeString(file, configText(), StandardCharsets.UTF_8);
            process = ManagedProcess.builder(name, program.toString(), "-c", file.toString())
                    .directory(folder.path())
                    .logFile(folder.path().resolve("nats.log"))
                    .launch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean portTaken() {
        return logTail(TAIL_LINES).contains("address already in use");
    }

    /** Waits until it greets clients and, if it runs JetStream alone, the JetStream API answers. */
    public void awaitReady() {
        running().awaitReady(settings.startDeadline, this::ready);
    }

    /** Kills it by SIGKILL and waits for its end. */
    public void kill() {
        running().kill();
    }

    /** Stops it by SIGTERM; does nothing if it has ended. */
    public void stop() {
        ManagedProcess current = process;
        if (current != null) {
            current.stop();
        }
    }

    /** Starts it again on the same ports and the same store, after {@link #stop()} if it still runs. */
    public void restart() {
        stop();
        launch();
        awaitReady();
    }

    /** Freezes it: connections stay open, nothing answers. */
    public void pause() {
        running().pause();
    }

    /** Lets it go on after {@link #pause()}. */
    public void resume() {
        running().resume();
    }

    /** Starts its lame duck mode: clients are told and sent away, then it ends. */
    public void lameDuck() {
        running().signal("USR2");
    }

    /**
     * Replaces the configuration text given to the builder, and has the server read it.
     *
     * @param newConfig lines of its configuration file, besides host, ports, name and JetStream
     * @throws IllegalStateException if the server refuses it; a server that is down reads it at its next start
     */
    public void reload(String newConfig) {
        config = newConfig;
        if (!alive()) {
            return;
        }
        try {
            Files.writeString(folder.path().resolve("nats.conf"), configText(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        long before = count("Reloaded server configuration");
        long failedBefore = count("Failed to reload server configuration");
        process.signal("HUP");
        Wait.until("reload of " + name, settings.startDeadline, () -> {
            if (count("Failed to reload server configuration") > failedBefore) {
                return true;
            }
            return count("Reloaded server configuration") > before;
        });
        if (count("Failed to reload server configuration") > failedBefore) {
            throw new IllegalStateException(name + " refused the new configuration:\n" + logTail(5));
        }
    }

    /** Whether the process runs; a paused one does. */
    public boolean alive() {
        ManagedProcess current = process;
        return current != null && current.alive();
    }

    /** Whether it is frozen by {@link #pause()}. */
    public boolean paused() {
        ManagedProcess current = process;
        return current != null && current.paused();
    }

    /** The process id of the current run. */
    public long pid() {
        return running().pid();
    }

    /** The address for clients, {@code nats://127.0.0.1:<port>}. */
    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    /** The address of its monitoring endpoints, {@code http://127.0.0.1:<port>}. */
    public String monitorUrl() {
        return "http://127.0.0.1:" + monitorPort;
    }

    /** The clients' port. */
    public int port() {
        return port;
    }

    /** The server's name, unique on this machine unless it was given. */
    public String name() {
        return name;
    }

    /** The version asked for. */
    public NatsVersion version() {
        return settings.version;
    }

    /** The folder that holds its streams. */
    public Path storeDir() {
        return storeDir;
    }

    /** Its own folder, with configuration, log and, by default, the store. */
    public Path folder() {
        return folder.path();
    }

    /** The end of its log, over all its runs. */
    public String logTail() {
        return logTail(TAIL_LINES);
    }

    /** The last lines of its log, over all its runs. */
    public String logTail(int lines) {
        return ManagedProcess.tail(folder.path().resolve("nats.log"), lines);
    }

    /** A new connection which reconnects for ever; the caller closes it. */
    public Connection connect() {
        return connect(options -> {});
    }

    /** A new connection with the caller's options on top of the address; the caller closes it. */
    public Connection connect(Consumer<Options.Builder> customizer) {
        return connect(url(), settings.clientOptions.andThen(customizer));
    }

    static Connection connect(String url, Consumer<Options.Builder> customizer) {
        Options.Builder options = Options.builder()
                .server(url)
                // Also what jnats waits for an answer of the API: a machine that stalls is no reason to fail.
                .connectionTimeout(Duration.ofSeconds(20))
                .maxReconnects(-1)
                .reconnectWait(Duration.ofMillis(50))
                // Without one, jnats prints each fault that a test makes.
                .errorListener(new ErrorListener() {});
        customizer.accept(options);
        try {
            return Nats.connect(options.build());
        } catch (IOException e) {
            throw new UncheckedIOException("no connection to " + url + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while connecting to " + url, e);
        }
    }

    /** Stops it and deletes its temporary folder. */
    @Override
    public void close() {
        stop();
        folder.close();
    }

    @Override
    public String toString() {
        return name + " " + settings.version + " " + url();
    }

    private boolean ready() throws IOException {
        if (config.contains("handshake_first")) {
            // Silent until the client starts TLS.
            return Sockets.accepts(port);
        }
        return settings.clusterConfig.isEmpty()
                ? NatsProbe.ready(port, name, settings.jetStream)
                : NatsProbe.ready(port, name, false);
    }

    private ManagedProcess running() {
        return Objects.requireNonNull(process, "not started");
    }

    private long count(String text) {
        return logTail(Integer.MAX_VALUE).lines().filter(l -> l.contains(text)).count();
    }

    private String configText() {
        String jetStream = settings.jetStream
                ? "jetstream {\n  store_dir: \"" + storeDir + "\"\n" + settings.jetStreamConfig.indent(2) + "}\n"
                : "";
        return "server_name: \"" + name + "\"\nhost: 127.0.0.1\nport: " + port + "\nhttp: \"127.0.0.1:" + monitorPort
                + "\"\n" + jetStream + settings.clusterConfig + config + "\n";
    }
}
