package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskAssignmentsTest {
    @ParameterizedTest
    @CsvSource({"1, 6", "2, 3/3", "4, 2/2/1/1", "6, 1/1/1/1/1/1", "100, 1/1/1/1/1/1"})
    void sharesOutEvenly(int maxTasks, String sizes) {
        List<List<Assignment>> tasks = TaskAssignments.split(List.of("b", "a"), List.of("x.>", "z", "y.*"), maxTasks);
        assertThat(tasks.stream().map(task -> "" + task.size()).toList()).isEqualTo(List.of(sizes.split("/")));
        assertThat(tasks.stream().flatMap(List::stream).map(Assignment::encode))
                .containsExactly("a:x.>", "a:y.*", "a:z", "b:x.>", "b:y.*", "b:z");
    }

    @Test
    void theOrderInTheSettingsDoesNotMatter() {
        assertThat(TaskAssignments.split(List.of("a", "b"), List.of("x", "y"), 3))
                .isEqualTo(TaskAssignments.split(List.of("b", "a"), List.of("y", "x"), 3));
    }

    @Test
    void survivesTheWayToTheTask() {
        List<Assignment> assignments = List.of(Assignment.of("a-b_c", "x.*.>"), Assignment.of("b", "-/_=.A0"));
        String encoded = TaskAssignments.encode(assignments);
        assertThat(TaskAssignments.of(Map.of(TaskAssignments.SETTING, encoded))).isEqualTo(assignments);
        assertThatThrownBy(() -> Assignment.decode("a")).isInstanceOf(IllegalArgumentException.class);
    }
}
