package io.natskv.testing.nats;

import io.nats.client.Options;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/** Settings of a {@link NatsServer}. Reusable: each {@link #start()} makes a server of its own. */
public final class NatsServerBuilder {
    NatsVersion version = NatsVersion.latest();
    int port;
    String name;
    Path storeDir;
    boolean jetStream = true;
    String jetStreamConfig = "";
    String config = "";
    String clusterConfig = "";
    Duration startDeadline = Duration.ofSeconds(60);
    Consumer<Options.Builder> clientOptions = options -> {};
    Consumer<String> progress = line -> {};
    private Path binary;

    NatsServerBuilder() {}

    /** The version; the newest by default. */
    public NatsServerBuilder version(NatsVersion value) {
        this.version = Objects.requireNonNull(value);
        return this;
    }

    /** A program of the caller's own, in place of the one that {@link NatsServerBinary} finds. */
    public NatsServerBuilder binary(Path value) {
        this.binary = value;
        return this;
    }

    /** The clients' port; a free one by default. */
    public NatsServerBuilder port(int value) {
        this.port = value;
        return this;
    }

    /** The server's name; unique by default. */
    public NatsServerBuilder name(String value) {
        this.name = value;
        return this;
    }

    /** The folder of the streams, which the caller deletes; by default one that goes with the server. */
    public NatsServerBuilder storeDir(Path value) {
        this.storeDir = value;
        return this;
    }

    /** Whether it runs JetStream; it does by default. */
    public NatsServerBuilder jetStream(boolean value) {
        this.jetStream = value;
        return this;
    }

    /** Lines for the inside of the {@code jetstream} block, as {@code max_file_store: 10MB} or {@code domain: hub}. */
    public NatsServerBuilder jetStreamConfig(String lines) {
        this.jetStreamConfig = lines;
        return this;
    }

    /** Lines of the configuration file: {@code authorization}, {@code accounts}, {@code tls}, {@code max_payload}. */
    public NatsServerBuilder config(String lines) {
        this.config = lines;
        return this;
    }

    /** Options that every connection made here needs, as user and password. */
    public NatsServerBuilder clientOptions(Consumer<Options.Builder> value) {
        this.clientOptions = value;
        return this;
    }

    /** How long a start may take, with the recovery of its streams; 60 s by default. */
    public NatsServerBuilder startDeadline(Duration value) {
        this.startDeadline = value;
        return this;
    }

    /** Is told, a line each, of what takes long before the start, as a download. */
    public NatsServerBuilder progress(Consumer<String> value) {
        this.progress = value;
        return this;
    }

    /**
     * Starts a server and waits until it is ready.
     *
     * @throws IllegalStateException if there is no program of this version, or it does not become ready; the message
     *     carries the end of its log
     */
    public NatsServer start() {
        return NatsServer.started(this);
    }

    Path program() {
        return binary == null ? NatsServerBinary.of(version, progress) : binary;
    }

    NatsServerBuilder clusterConfig(String lines) {
        this.clusterConfig = lines;
        return this;
    }
}
