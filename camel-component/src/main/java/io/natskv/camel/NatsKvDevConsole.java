package io.natskv.camel;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Route;
import org.apache.camel.spi.annotations.DevConsole;
import org.apache.camel.support.console.AbstractDevConsole;

/** Shows the consumers of a context and how they are doing, and the connections of its components. */
@DevConsole(name = "nats-kv", displayName = "NATS Key-Value", description = "NATS KV consumers and connections")
public class NatsKvDevConsole extends AbstractDevConsole {
    public NatsKvDevConsole() {
        super("camel", "nats-kv", "NATS Key-Value", "NATS KV consumers and connections");
    }

    @Override
    protected String doCallText(Map<String, Object> options) {
        StringBuilder text = new StringBuilder();
        for (Map<String, Object> consumer : consumers()) {
            text.append(String.format("%n    Route: %s%n", consumer.get("routeId")));
            consumer.forEach((name, value) -> text.append(String.format("        %s: %s%n", name, value)));
        }
        for (Map<String, Object> connection : connections()) {
            text.append(String.format("%n    Connection: %s%n", connection.get("servers")));
            connection.forEach((name, value) -> text.append(String.format("        %s: %s%n", name, value)));
        }
        return text.toString();
    }

    @Override
    protected Map<String, Object> doCallJson(Map<String, Object> options) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("consumers", consumers());
        root.put("connections", connections());
        return root;
    }

    private List<Map<String, Object>> consumers() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Route route : getCamelContext().getRoutes()) {
            if (route.getConsumer() instanceof NatsKvConsumer consumer) {
                Map<String, Object> shown = new LinkedHashMap<>();
                shown.put("routeId", route.getRouteId());
                // The endpoint's URI as Camel shows it: without secrets.
                shown.put("uri", route.getEndpoint().toString());
                shown.put("bucket", consumer.getBucket());
                shown.put("key", consumer.getKey());
                shown.put("state", consumer.getStatus().name());
                shown.put("watching", consumer.isWatching());
                shown.put("lastRevision", consumer.getLastRevision());
                shown.put("pending", consumer.getPendingChanges());
                shown.put("changes", consumer.getChangeCount());
                shown.put("failures", consumer.getFailureCount());
                shown.put("lastProblem", consumer.getLastProblem());
                all.add(shown);
            }
        }
        return all;
    }

    private List<Map<String, Object>> connections() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (String name : getCamelContext().getComponentNames()) {
            if (getCamelContext().hasComponent(name) instanceof NatsKvComponent component) {
                all.addAll(component.connections().show());
            }
        }
        return all;
    }
}
