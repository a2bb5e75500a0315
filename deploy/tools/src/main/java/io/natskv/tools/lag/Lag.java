package io.natskv.tools.lag;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * State, position and lag of a connector.
 *
 * @param type source or sink
 * @param state of the connector itself
 * @param trace why it failed; empty if it did not
 */
record Lag(String connector, String type, String state, String trace, List<Task> tasks, List<Position> positions) {
    private static final List<String> BAD = List.of("FAILED", "UNASSIGNED");

    /**
     * A task.
     *
     * @param trace why it failed, in a line; empty if it did not
     */
    record Task(int id, String state, String worker, String trace) {}

    /** Also what was stopped or paused by somebody is in order. */
    boolean isInOrder() {
        return !BAD.contains(state)
                && tasks.stream().noneMatch(task -> BAD.contains(task.state()))
                && (!tasks.isEmpty() || !state.equals("RUNNING"));
    }

    /** The sum; empty if it is not known of one place. */
    Optional<Long> total() {
        return positions.isEmpty() || positions.stream().anyMatch(position -> position.lag() == null)
                ? Optional.empty()
                : Optional.of(positions.stream()
                        .map(Position::lag)
                        .filter(Objects::nonNull)
                        .mapToLong(Long::longValue)
                        .sum());
    }

    /** @param maxLag null for no limit; what is not known counts as above it */
    boolean isGood(Long maxLag) {
        return isInOrder()
                && (maxLag == null || total().filter(lag -> lag <= maxLag).isPresent());
    }

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("connector", connector);
        json.put("type", type);
        json.put("state", state);
        json.put("running", state.equals("RUNNING") && isInOrder());
        if (!trace.isEmpty()) {
            json.put("trace", trace);
        }
        json.put("tasks", tasks);
        json.put("lag", total().orElse(null));
        json.put("positions", positions);
        return json;
    }
}
