package io.natskv.benchmarks.core;

import io.natskv.testing.process.Sockets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Finds out when the JetStream API answers for a stream, over a plain socket, a new one for each try: nothing of jnats or kv-core is in it. The
 * moment that it does, it writes a change over the same socket, so that there is one to be delivered.
 */
final class StreamProbe {
    private static final long PAUSE_NANOS = Duration.ofMillis(2).toNanos();
    private static final int ANSWER_MILLIS = 500;

    private final int port;
    private final String bucket;

    StreamProbe(int port, String bucket) {
        this.port = port;
        this.bucket = bucket;
    }

    /**
     * Tries until it answers.
     *
     * @return when it did, by {@link System#nanoTime}
     */
    long awaitAnswer(Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        while (System.nanoTime() - deadline < 0) {
            try (Socket socket = Sockets.connect(port)) {
                socket.setSoTimeout(ANSWER_MILLIS);
                if (answers(socket)) {
                    long answered = System.nanoTime();
                    writeChange(socket);
                    return answered;
                }
            } catch (IOException e) {
                // not yet
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new IllegalStateException("no answer for bucket " + bucket + " within " + patience);
    }

    private boolean answers(Socket socket) throws IOException {
        send(
                socket,
                "CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1,\"headers\":true,\"no_responders\":true,"
                        + "\"lang\":\"probe\",\"version\":\"1\",\"name\":\"natskv recovery probe\"}\r\n"
                        + "SUB _INBOX.natskv-recovery 1\r\n"
                        + "PUB $JS.API.STREAM.INFO.KV_" + bucket + " _INBOX.natskv-recovery 0\r\n\r\n");
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith("HMSG ")) {
                return false; // nobody listens
            }
            if (line.startsWith("MSG ")) {
                String answer = in.readLine();
                return answer != null && answer.contains("\"state\":") && !answer.contains("\"error\":");
            }
        }
        return false;
    }

    private void writeChange(Socket socket) throws IOException {
        send(socket, "PUB $KV." + bucket + ".probe 5\r\nprobe\r\n");
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }
}
