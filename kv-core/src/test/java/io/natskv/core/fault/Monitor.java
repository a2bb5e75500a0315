package io.natskv.core.fault;

import io.natskv.testing.nats.NatsServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server tells of itself over HTTP. */
final class Monitor {
    private static final Pattern CONNECTIONS = Pattern.compile("\"num_connections\": (\\d+)");

    private Monitor() {}

    /** How many clients are connected, as the server sees it. */
    static int clients(NatsServer server) throws IOException, InterruptedException {
        HttpResponse<String> connz = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.monitorUrl() + "/connz"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        Matcher matcher = CONNECTIONS.matcher(connz.body());
        if (!matcher.find()) {
            throw new IOException("No number of connections in: " + connz.body());
        }
        return Integer.parseInt(matcher.group(1));
    }
}
