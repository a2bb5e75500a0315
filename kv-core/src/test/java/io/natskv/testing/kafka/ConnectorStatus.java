package io.natskv.testing.kafka;

import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of a connector and of its tasks, as Connect's REST interface tells it.
 *
 * @param name the connector
 * @param connector the state of the connector itself
 * @param tasks the states of its tasks
 */
public record ConnectorStatus(String name, Part connector, List<Part> tasks) {
    private static final String RUNNING = "RUNNING";
    private static final String FAILED = "FAILED";

    /**
     * A connector or a task.
     *
     * @param state as RUNNING, PAUSED, STOPPED, FAILED, UNASSIGNED
     * @param workerId the worker that runs it
     * @param trace the stack trace of its failure, else empty
     */
    public record Part(String state, String workerId, String trace) {}

    static ConnectorStatus parse(String json) {
        JsonValue root = JsonParser.parseUnchecked(json);
        List<Part> tasks = new ArrayList<>();
        for (JsonValue task : JsonValueUtils.readArray(root, "tasks")) {
            tasks.add(part(task));
        }
        return new ConnectorStatus(
                JsonValueUtils.readString(root, "name"),
                part(JsonValueUtils.readObject(root, "connector")),
                List.copyOf(tasks));
    }

    /** Whether the connector and at least one task run, and no task is in another state. */
    public boolean running() {
        return connector.state().equals(RUNNING)
                && !tasks.isEmpty()
                && tasks.stream().allMatch(t -> t.state().equals(RUNNING));
    }

    /** Whether the connector or a task has failed. */
    public boolean failed() {
        return connector.state().equals(FAILED)
                || tasks.stream().anyMatch(t -> t.state().equals(FAILED));
    }

    /** The states in words, with the traces of failures. */
    public String describe() {
        StringBuilder text = new StringBuilder("connector " + name + " is " + connector.state());
        for (int i = 0; i < tasks.size(); i++) {
            text.append(", task ").append(i).append(" is ").append(tasks.get(i).state());
        }
        if (tasks.isEmpty()) {
            text.append(", without tasks");
        }
        appendTrace(text, connector);
        tasks.forEach(task -> appendTrace(text, task));
        return text.toString();
    }

    private static void appendTrace(StringBuilder text, Part part) {
        if (!part.trace().isBlank()) {
            text.append('\n').append(part.trace().strip());
        }
    }

    private static Part part(JsonValue value) {
        return new Part(
                JsonValueUtils.readString(value, "state", "UNASSIGNED"),
                JsonValueUtils.readString(value, "worker_id", ""),
                JsonValueUtils.readString(value, "trace", ""));
    }
}
