package io.natskv.testing.nats;

import io.natskv.testing.process.FreePorts;
import io.natskv.testing.process.Sockets;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A TCP proxy on 127.0.0.1 in front of a port of this machine, which breaks connections in the ways that networks do.
 *
 * <p>Give clients {@link #port()} in place of the server's, and have them ignore the addresses that a NATS server tells
 * (jnats: {@code ignoreDiscoveredServers}). Two threads a connection. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;
    private static final long MAX_DELAYED_BYTES = 8L * 1024 * 1024;
    private static final int BIND_ATTEMPTS = 20;

    private enum Mode {
        FORWARD,
        STALL,
        SWALLOW
    }

    private final int targetPort;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Object changed = new Object();
    private volatile Mode mode = Mode.FORWARD;
    private volatile long delayNanos;
    private volatile boolean closed;
    private volatile ServerSocket listener;
    private volatile Thread acceptor;

    private TcpProxy(int targetPort, int port, ServerSocket listener) {
        this.targetPort = targetPort;
        this.port = port;
        listen(listener);
    }

    /** Starts a proxy on a free port, which forwards until told otherwise. */
    public static TcpProxy to(int targetPort) {
        for (int i = 1; ; i++) {
            int port = FreePorts.next();
            try {
                return new TcpProxy(targetPort, port, bind(port));
            } catch (IOException e) {
                if (i == BIND_ATTEMPTS) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /** Starts a proxy in front of a server. */
    public static TcpProxy to(NatsServer server) {
        return to(server.port());
    }

    /** The port that clients connect to. */
    public int port() {
        return port;
    }

    /** The address for NATS clients. */
    public String url() {
        return "nats://127.0.0.1:" + port;
    }

    /** The number of open connections. */
    public int connections() {
        return links.size();
    }

    /** Closes all connections; new ones are accepted. */
    public void cut() {
        links.forEach(link -> link.end(false));
    }

    /** Resets all connections (RST in place of FIN); new ones are accepted. */
    public void reset() {
        links.forEach(link -> link.end(true));
    }

    /**
     * Lets connections stand while all bytes vanish, as if the peer had gone without a word; new connections are
     * accepted and get no answer. {@link #heal()} resets those that lost bytes.
     */
    public void halfOpen() {
        change(Mode.SWALLOW);
    }

    /** Stops forwarding and loses nothing: what was sent arrives after {@link #heal()}, as after a network partition. */
    public void stall() {
        change(Mode.STALL);
    }

    /** Delays every byte, in each direction, by this time. Zero ends it. */
    public void delay(Duration time) {
        delayNanos = time.toNanos();
    }

    /** Refuses new connections; those that are open stay so. */
    public void refuse() {
        close(listener);
        // Until it has left accept(), the system keeps the port open for it.
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Cuts all connections and refuses new ones, as a server that is down. */
    public void down() {
        refuse();
        cut();
    }

    /** Ends stall, half-open, delay and refusal. */
    public void heal() {
        delayNanos = 0;
        change(Mode.FORWARD);
        links.stream().filter(link -> link.lossy.get()).forEach(link -> link.end(true));
        if (listener.isClosed() && !closed) {
            try {
                listen(bind(port));
            } catch (IOException e) {
                throw new UncheckedIOException("proxy can't listen on its port " + port + " again", e);
            }
        }
    }

    /** Closes all connections and the port. */
    @Override
    public void close() {
        closed = true;
        refuse();
        cut();
        change(Mode.FORWARD);
    }

    private void change(Mode next) {
        synchronized (changed) {
            mode = next;
            changed.notifyAll();
        }
    }

    private static ServerSocket bind(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(Sockets.loopback(), port));
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private void listen(ServerSocket socket) {
        listener = socket;
        acceptor = daemon("accept", () -> accept(socket));
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                open(socket.accept());
            } catch (IOException e) {
                // The listener was closed, or the client went away at once.
            }
        }
    }

    private void open(Socket client) {
        try {
            Link link = new Link(client, Sockets.connect(targetPort));
            links.add(link);
            daemon("up", () -> link.pump(link.client, link.server));
            daemon("down", () -> link.pump(link.server, link.client));
            if (closed) {
                link.end(false);
            }
        } catch (IOException e) {
            close(client);
        }
    }

    private Thread daemon(String role, Runnable body) {
        Thread thread = new Thread(body, "tcp-proxy-" + port + "-" + role);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void close(java.io.Closeable socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // Closed is what was wanted.
        }
    }

    private record Chunk(byte[] bytes, long dueNanos) {}

    /** A client's connection and the one to the server that goes with it. */
    private final class Link {
        private final Socket client;
        private final Socket server;
        private final AtomicBoolean lossy = new AtomicBoolean();

        private Link(Socket client, Socket server) throws IOException {
            this.client = client;
            this.server = server;
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        }

        private void end(boolean byReset) {
            links.remove(this);
            for (Socket socket : new Socket[] {client, server}) {
                try {
                    if (byReset) {
                        socket.setSoLinger(true, 0);
                    }
                } catch (IOException e) {
                    // It is closed already.
                }
                TcpProxy.close(socket);
            }
        }

        private void pump(Socket from, Socket to) {
            ArrayDeque<Chunk> delayed = new ArrayDeque<>();
            byte[] buffer = new byte[BUFFER];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                int read = 0;
                while (read >= 0) {
                    forwardDue(delayed, out);
                    read = read(from, in, buffer, delayed);
                    if (read > 0) {
                        delayed.add(new Chunk(Arrays.copyOf(buffer, read), System.nanoTime() + delayNanos));
                    }
                }
            } catch (IOException e) {
                // A broken connection is the daily bread of this class.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                end(false);
            }
        }

        /** Reads until the first delayed chunk is due; 0 if nothing came by then, -1 at the end. */
        private int read(Socket from, InputStream in, byte[] buffer, ArrayDeque<Chunk> delayed)
                throws IOException, InterruptedException {
            long wait = delayed.isEmpty() ? 0 : delayed.peek().dueNanos() - System.nanoTime();
            if (!delayed.isEmpty()) {
                if (wait <= 0) {
                    return 0;
                }
                if ((long) delayed.size() * BUFFER >= MAX_DELAYED_BYTES) {
                    TimeUnit.NANOSECONDS.sleep(wait);
                    return 0;
                }
            }
            from.setSoTimeout(wait == 0 ? 0 : (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait)));
            try {
                return in.read(buffer);
            } catch (SocketTimeoutException e) {
                return 0;
            }
        }

        private void forwardDue(ArrayDeque<Chunk> delayed, OutputStream out) throws IOException, InterruptedException {
            while (!delayed.isEmpty() && delayed.peek().dueNanos() <= System.nanoTime()) {
                Chunk chunk = delayed.remove();
                synchronized (changed) {
                    while (mode == Mode.STALL && links.contains(this)) {
                        changed.wait(TimeUnit.SECONDS.toMillis(1));
                    }
                }
                if (mode == Mode.SWALLOW || lossy.get()) {
                    // Once bytes are lost, none may follow: the peer would read a torn stream.
                    lossy.set(true);
                } else {
                    out.write(chunk.bytes());
                }
            }
        }
    }
}
