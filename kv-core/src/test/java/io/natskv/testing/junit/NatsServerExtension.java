package io.natskv.testing.junit;

import io.natskv.testing.nats.NatsCluster;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsServerBuilder;
import io.natskv.testing.nats.NatsVersion;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Runs a NATS server, or a cluster, for the tests of a class.
 *
 * <p>Registered in a static field, it starts once for the class, and what a test has killed or paused runs again before
 * the next one; data stays, so tests take buckets of their own. In an instance field, each test gets a new one. Tests
 * may take {@link NatsServer} and {@link NatsCluster} as parameters. When a test fails, the ends of the servers' logs are
 * printed.
 */
public final class NatsServerExtension
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback, ParameterResolver {
    private static final int LOG_LINES = 60;

    private final Supplier<Running> starter;
    private Running running;
    private boolean ofClass;

    /** What was started: one of both. */
    private record Running(NatsServer server, NatsCluster cluster) {
        List<NatsServer> servers() {
            return server == null ? cluster.nodes() : List.of(server);
        }

        void close() {
            if (server == null) {
                cluster.close();
            } else {
                server.close();
            }
        }
    }

    private NatsServerExtension(Supplier<Running> starter) {
        this.starter = starter;
    }

    /** A server of this version. */
    public static NatsServerExtension server(NatsVersion version) {
        return server(NatsServer.builder().version(version));
    }

    /** A server of these settings. */
    public static NatsServerExtension server(NatsServerBuilder settings) {
        return new NatsServerExtension(() -> new Running(settings.start(), null));
    }

    /** A cluster of three of this version. */
    public static NatsServerExtension cluster(NatsVersion version) {
        return cluster(NatsCluster.builder().version(version));
    }

    /** A cluster of these settings. */
    public static NatsServerExtension cluster(NatsCluster.Builder settings) {
        return new NatsServerExtension(() -> new Running(null, settings.start()));
    }

    /** The server. */
    public NatsServer server() {
        return Objects.requireNonNull(current().server(), "this extension runs a cluster");
    }

    /** The cluster. */
    public NatsCluster cluster() {
        return Objects.requireNonNull(current().cluster(), "this extension runs a single server");
    }

    /** The address of the server, or the addresses of the cluster's servers separated by commas. */
    public String url() {
        return current().server() == null
                ? current().cluster().url()
                : current().server().url();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        running = starter.get();
        ofClass = true;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (!ofClass) {
            running = starter.get();
            return;
        }
        for (NatsServer server : running.servers()) {
            if (server.paused()) {
                server.resume();
            }
            if (!server.alive()) {
                server.restart();
            }
        }
        if (running.cluster() != null) {
            // Always: a test may have restarted a server that the others take for offline for a while.
            running.cluster().awaitReady();
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        context.getExecutionException().ifPresent(e -> printLogs(context));
        if (!ofClass && running != null) {
            running.close();
            running = null;
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (running != null) {
            running.close();
            running = null;
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return running != null
                && (type == NatsServer.class && running.server() != null
                        || type == NatsCluster.class && running.cluster() != null);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == NatsServer.class ? running.server() : running.cluster();
    }

    private Running current() {
        return Objects.requireNonNull(running, "the server runs only during the tests");
    }

    private void printLogs(ExtensionContext context) {
        if (running == null) {
            return;
        }
        for (NatsServer server : running.servers()) {
            System.err.println("--- log of " + server + (server.alive() ? "" : " (down)") + " after the failure of "
                    + context.getDisplayName() + "\n" + server.logTail(LOG_LINES));
        }
    }
}
