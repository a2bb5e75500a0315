package io.natskv.camel;

import io.nats.client.Connection;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.CamelContext;

/**
 * The connections of a component: endpoints with equal connection options share one, which is closed when its last user gives it back.
 * A connection that the user supplies is borrowed and never closed. Thread-safe.
 */
final class NatsKvConnections {
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<List<Object>, Shared> connections = new HashMap<>();

    /** The use of a connection, until it is closed. */
    static final class Lease implements AutoCloseable {
        private final KvConnection connection;
        private final Runnable giveBack;
        private final AtomicBoolean closed = new AtomicBoolean();

        private Lease(KvConnection connection, Runnable giveBack) {
            this.connection = connection;
            this.giveBack = giveBack;
        }

        KvConnection connection() {
            return connection;
        }

        /** Gives the connection back; once, however often it is called. */
        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                giveBack.run();
            }
        }
    }

    /** One connection and its users. Its lock is held while it connects, so that nobody else's connection waits for that. */
    private static final class Shared {
        private final ReentrantLock opening = new ReentrantLock();
        private volatile KvConnection connection;
        private int users;
    }

    /**
     * Takes a connection, which is opened if there is none yet.
     *
     * @throws KvException if the server can't be reached or refuses us, or the connection that the user supplies is closed
     * @throws IllegalArgumentException if an option is malformed or missing
     */
    Lease acquire(NatsKvConfiguration options, CamelContext context) throws IOException, GeneralSecurityException {
        NatsConnectionConfig config = ConnectionSettings.of(options, context);
        if (options.getConnection() != null) {
            return borrowed(options.getConnection(), config);
        }
        List<Object> key = ConnectionSettings.key(options);
        Shared shared = enter(key);
        try {
            return new Lease(connected(shared, config), () -> leave(key, shared));
        } catch (RuntimeException e) {
            leave(key, shared);
            throw e;
        }
    }

    private static Lease borrowed(Connection connection, NatsConnectionConfig config) {
        if (connection.getStatus() == Connection.Status.CLOSED) {
            // Before anything is made: whoever retries must leave nothing at a connection that will never come back.
            throw new KvException(
                    ErrorClass.FATAL,
                    "The NATS connection that was given (option connection) is closed; the component never opens it anew");
        }
        KvConnection borrowed = KvConnection.using(connection, config.apiPrefix(), config.requestTimeout());
        // Takes its listener off, and leaves the connection open.
        return new Lease(borrowed, borrowed::close);
    }

    /** How many connections are open or being opened. */
    int size() {
        lock.lock();
        try {
            return connections.size();
        } finally {
            lock.unlock();
        }
    }

    /** What is open, for people: nothing secret. */
    List<Map<String, Object>> show() {
        lock.lock();
        try {
            List<Map<String, Object>> all = new ArrayList<>();
            for (Shared shared : connections.values()) {
                KvConnection connection = shared.connection;
                if (connection != null) {
                    Map<String, Object> shown = new LinkedHashMap<>();
                    shown.put("servers", connection.servers());
                    shown.put("status", connection.nats().getStatus().name());
                    shown.put("users", shared.users);
                    shown.put("reconnects", connection.reconnects());
                    shown.put("inMessages", connection.nats().getStatistics().getInMsgs());
                    shown.put("outMessages", connection.nats().getStatistics().getOutMsgs());
                    all.add(shown);
                }
            }
            return all;
        } finally {
            lock.unlock();
        }
    }

    private Shared enter(List<Object> key) {
        lock.lock();
        try {
            Shared shared = connections.computeIfAbsent(key, k -> new Shared());
            shared.users++;
            return shared;
        } finally {
            lock.unlock();
        }
    }

    private void leave(List<Object> key, Shared shared) {
        lock.lock();
        try {
            if (--shared.users > 0) {
                return;
            }
            connections.remove(key, shared);
        } finally {
            lock.unlock();
        }
        // The last user has gone: nobody else holds this object any more.
        if (shared.connection != null) {
            shared.connection.close();
        }
    }

    private static KvConnection connected(Shared shared, NatsConnectionConfig config) {
        shared.opening.lock();
        try {
            // One that was given up (maxReconnectAttempts) serves nobody: who comes now gets a new one.
            if (shared.connection == null || shared.connection.isClosed()) {
                shared.connection = KvConnection.open(config);
            }
            return shared.connection;
        } finally {
            shared.opening.unlock();
        }
    }
}
