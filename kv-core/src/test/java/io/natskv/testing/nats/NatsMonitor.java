package io.natskv.testing.nats;

import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What servers tell over their monitoring ports. */
final class NatsMonitor {
    private static final Duration REQUEST = Duration.ofSeconds(2);

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(REQUEST).build();

    /** The answer of one server; a path begins with a slash. */
    JsonValue ask(NatsServer node, String path) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(node.monitorUrl() + path))
                .timeout(REQUEST)
                .build();
        try {
            return JsonParser.parseUnchecked(
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking " + node, e);
        }
    }

    /**
     * The routes between servers of a cluster, each named by its end; empty until all of them stand. At a start, both ends dial, and close what is
     * double: for a second, a pair may be without the one route that carries an account, and who asks there is told that nobody listens.
     */
    Set<String> routes(List<NatsServer> servers) throws IOException {
        Map<String, List<JsonValue>> routes = new HashMap<>();
        long wanted = 1;
        for (NatsServer node : servers) {
            JsonValue routez = ask(node, "/routez");
            routes.put(JsonValueUtils.readString(routez, "server_id"), JsonValueUtils.readArray(routez, "routes"));
            // Since 2.10 a pool, and one more for the system account.
            long pool =
                    JsonValueUtils.readLong(JsonValueUtils.readObject(ask(node, "/varz"), "cluster"), "pool_size", 0);
            wanted = pool > 0 ? pool + 1 : 1;
        }
        Set<String> ends = new HashSet<>();
        for (String from : routes.keySet()) {
            for (String to : routes.keySet()) {
                List<JsonValue> between = routes.get(from).stream()
                        .filter(route -> to.equals(JsonValueUtils.readString(route, "remote_id")))
                        .toList();
                if (!from.equals(to) && between.size() != wanted) {
                    return Set.of();
                }
                between.forEach(route -> ends.add(from + " " + JsonValueUtils.readLong(route, "rid", 0)));
            }
        }
        return ends;
    }
}
