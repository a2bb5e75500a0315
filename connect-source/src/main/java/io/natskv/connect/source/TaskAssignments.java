package io.natskv.connect.source;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.connect.util.ConnectorUtils;

/**
 * Which task reads what. Every key belongs to one assignment and so to one task, which keeps the order of its revisions. The order is that of
 * the names, whatever the order in the settings: equal settings give equal tasks, and the worker restarts none.
 */
final class TaskAssignments {
    /** The task setting that holds the assignments. */
    static final String SETTING = "task.assignments";

    private TaskAssignments() {}

    /** The assignments of each task; as many tasks as there are assignments at most. */
    static List<List<Assignment>> split(List<String> buckets, List<String> filters, int maxTasks) {
        List<Assignment> all = buckets.stream()
                .flatMap(bucket -> filters.stream().map(filter -> Assignment.of(bucket, filter)))
                .sorted(Comparator.comparing(Assignment::encode))
                .toList();
        return all.isEmpty() ? List.of() : ConnectorUtils.groupPartitions(all, Math.min(maxTasks, all.size()));
    }

    static String encode(List<Assignment> assignments) {
        return assignments.stream().map(Assignment::encode).collect(Collectors.joining(","));
    }

    /** The assignments in a task's settings. */
    static List<Assignment> of(Map<String, String> taskSettings) {
        return Arrays.stream(taskSettings.get(SETTING).split(","))
                .map(Assignment::decode)
                .toList();
    }
}
