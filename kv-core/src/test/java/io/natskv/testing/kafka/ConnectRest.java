package io.natskv.testing.kafka;

import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.natskv.testing.process.Wait;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

/**
 * The REST interface of a Connect worker: JSON text in and out.
 *
 * <p>While the workers of a group rebalance, they answer 409; such requests are repeated for up to 60 s. Other refusals
 * are a {@link ConnectRestException}. Thread-safe.
 */
public final class ConnectRest {
    private static final Duration REQUEST = Duration.ofSeconds(95);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration HEALTH = Duration.ofSeconds(5);
    private static final Duration REBALANCE = Duration.ofSeconds(60);
    /** A status of the previous configuration may still be told for a moment. */
    private static final Duration FAILED_FOR_GOOD = Duration.ofSeconds(20);

    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int FIRST_ERROR = 400;

    private final String url;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(CONNECT).build();

    /** The interface at this address, as {@code http://127.0.0.1:8083}. */
    public ConnectRest(String url) {
        this.url = url;
    }

    /** The address. */
    public String url() {
        return url;
    }

    /** Creates a connector, or gives it a new configuration. Returns the answer. */
    public String put(String connector, Map<String, String> config) {
        return call("PUT", path(connector) + "/config", json(config));
    }

    /** Checks a configuration without creating a connector. Returns the answer, with an error count and messages. */
    public String validate(String connectorClass, Map<String, String> config) {
        return call("PUT", "/connector-plugins/" + encode(connectorClass) + "/config/validate", json(config));
    }

    /** The names of all connectors. */
    public List<String> connectors() {
        return JsonParser.parseUnchecked(get("/connectors")).array.stream()
                .map((JsonValue v) -> v.string)
                .sorted()
                .toList();
    }

    /** The plugins, as the worker lists them. */
    public String plugins() {
        return get("/connector-plugins?connectorsOnly=false");
    }

    /** The state of a connector and its tasks. */
    public ConnectorStatus status(String connector) {
        return ConnectorStatus.parse(get(path(connector) + "/status"));
    }

    /**
     * Waits until the connector and all its tasks run.
     *
     * <p>Connect keeps states in a topic: after a worker was killed, the RUNNING of its last run is told until the tasks
     * have started anew. Then wait for what the connector does instead.
     *
     * @throws IllegalStateException if they don't by the deadline, or have failed for some seconds; the message carries
     *     the traces
     */
    public void awaitRunning(String connector, Duration deadline) {
        AtomicReference<String> last = new AtomicReference<>("connector " + connector + " is unknown");
        AtomicReference<Long> failedSince = new AtomicReference<>();
        try {
            Wait.until("running connector " + connector, deadline, () -> {
                ConnectorStatus status = status(connector);
                last.set(status.describe());
                if (!status.failed()) {
                    failedSince.set(null);
                    return status.running();
                }
                failedSince.compareAndSet(null, System.nanoTime());
                return System.nanoTime() - failedSince.get() > FAILED_FOR_GOOD.toNanos();
            });
        } catch (IllegalStateException e) {
            throw new IllegalStateException(e.getMessage() + ": " + last.get(), e);
        }
        if (failedSince.get() != null) {
            throw new IllegalStateException(last.get());
        }
    }

    /** Waits until the connector itself is in this state, as PAUSED or STOPPED, and its tasks too if it has any. */
    public void awaitState(String connector, String state, Duration deadline) {
        Wait.until("state " + state + " of connector " + connector, deadline, () -> {
            ConnectorStatus status = status(connector);
            return status.connector().state().equals(state)
                    && status.tasks().stream().allMatch(t -> t.state().equals(state));
        });
    }

    /** Pauses a connector; its tasks stay. */
    public void pause(String connector) {
        call("PUT", path(connector) + "/pause", null);
    }

    /** Lets a paused or stopped connector go on. */
    public void resume(String connector) {
        call("PUT", path(connector) + "/resume", null);
    }

    /** Stops a connector; its tasks end. */
    public void stop(String connector) {
        call("PUT", path(connector) + "/stop", null);
    }

    /** Restarts a connector and all its tasks. */
    public void restart(String connector) {
        call("POST", path(connector) + "/restart?includeTasks=true", null);
    }

    /** Deletes a connector. */
    public void delete(String connector) {
        call("DELETE", path(connector), null);
    }

    /** The configuration of a connector, JSON. */
    public String config(String connector) {
        return get(path(connector) + "/config");
    }

    /** The offsets of a connector, JSON. */
    public String offsets(String connector) {
        return get(path(connector) + "/offsets");
    }

    /** Sets offsets of a stopped connector; the body is {@code {"offsets":[{"partition":{},"offset":{}}]}}. */
    public String alterOffsets(String connector, String body) {
        return call("PATCH", path(connector) + "/offsets", body);
    }

    /** Resets the offsets of a stopped connector. */
    public String resetOffsets(String connector) {
        return call("DELETE", path(connector) + "/offsets", null);
    }

    /** The answer to any GET of a path. */
    public String get(String path) {
        return call("GET", path, null);
    }

    /**
     * Any request; repeated while the workers rebalance.
     *
     * @param body JSON, or null for none
     * @throws ConnectRestException if it is refused
     * @throws UncheckedIOException if the worker can't be reached
     */
    public String call(String method, String path, String body) {
        AtomicReference<HttpResponse<String>> answer = new AtomicReference<>();
        AtomicReference<IOException> fault = new AtomicReference<>();
        try {
            Wait.until("end of the rebalance", REBALANCE, () -> {
                try {
                    answer.set(send(method, path, body, REQUEST));
                    return answer.get().statusCode() != CONFLICT;
                } catch (IOException e) {
                    fault.set(e);
                    return true;
                }
            });
        } catch (IllegalStateException e) {
            if (answer.get() == null) {
                throw new IllegalStateException(method + " " + path + " failed: " + e.getMessage(), e);
            }
        }
        if (fault.get() != null) {
            throw new UncheckedIOException(method + " " + url + path + " failed: " + fault.get(), fault.get());
        }
        HttpResponse<String> response = answer.get();
        if (response.statusCode() >= FIRST_ERROR) {
            throw new ConnectRestException(method + " " + path, response.statusCode(), response.body());
        }
        return response.body();
    }

    /** Whether the worker has started and is able to serve requests. */
    public boolean healthy() throws IOException, InterruptedException {
        int status = send("GET", "/health", null, HEALTH).statusCode();
        // Workers before Kafka 3.9 have no /health.
        return status < FIRST_ERROR
                || status == NOT_FOUND
                        && send("GET", "/connectors", null, HEALTH).statusCode() < FIRST_ERROR;
    }

    private HttpResponse<String> send(String method, String path, String body, Duration timeout)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(timeout)
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private static String path(String connector) {
        return "/connectors/" + encode(connector);
    }

    private static String encode(String segment) {
        // Meant for forms, where a space is "+"; in a path it is %20.
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String json(Map<String, String> map) {
        return map.entrySet().stream()
                .map(e -> quote(e.getKey()) + ":" + quote(e.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quote(String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
