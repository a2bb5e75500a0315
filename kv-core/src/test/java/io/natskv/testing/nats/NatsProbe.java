package io.natskv.testing.nats;

import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.natskv.testing.process.Sockets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Asks a server whether it is ready, over a plain socket: a client library costs a hundred times as much. */
final class NatsProbe {
    private static final int READ_MILLIS = 1000;

    private NatsProbe() {}

    /**
     * Whether the server of this name answers on the port, with JetStream if wanted.
     *
     * <p>Where authentication or TLS is required, JetStream is believed to be ready when the greeting says so: a single
     * server opens its port after it has recovered its streams.
     */
    static boolean ready(int port, String name, boolean jetStream) throws IOException {
        try (Socket socket = Sockets.connect(port)) {
            socket.setSoTimeout(READ_MILLIS);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            String greeting = in.readLine();
            if (greeting == null || !greeting.startsWith("INFO ")) {
                return false;
            }
            JsonValue info = JsonParser.parseUnchecked(greeting.substring("INFO ".length()));
            if (!name.equals(JsonValueUtils.readString(info, "server_name"))) {
                return false;
            }
            if (!jetStream) {
                return true;
            }
            if (!JsonValueUtils.readBoolean(info, "jetstream")) {
                return false;
            }
            boolean open = !JsonValueUtils.readBoolean(info, "auth_required")
                    && !JsonValueUtils.readBoolean(info, "tls_required");
            return !open || apiAnswers(in, socket.getOutputStream());
        }
    }

    private static boolean apiAnswers(BufferedReader in, OutputStream out) throws IOException {
        out.write(
                ("CONNECT {\"verbose\":false,\"pedantic\":false,\"protocol\":1,\"headers\":true,\"no_responders\":true,"
                                + "\"lang\":\"probe\",\"version\":\"1\",\"name\":\"natskv readiness\"}\r\n"
                                + "SUB _INBOX.natskv-probe 1\r\n"
                                + "PUB $JS.API.INFO _INBOX.natskv-probe 0\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        out.flush();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            // HMSG is the "no responders" of a default account without JetStream: no more can be asked there.
            if (line.startsWith("MSG ") || line.startsWith("HMSG ")) {
                return true;
            }
        }
        return false;
    }
}
