package io.natskv.soak;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which failures of tasks are a plugin's: by their traces. */
class SupervisionTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "connector a is RUNNING, task 0 is FAILED\norg.apache.kafka.connect.errors.ConnectException: x\n\tat io.natskv.core.A.b(A.java:1)",
                "java.lang.NullPointerException: x\n\tat org.apache.kafka.connect.runtime.WorkerSinkTask.a(WorkerSinkTask.java:1)",
                "org.apache.kafka.connect.errors.ConnectException: Unrecoverable\n\tat a.B.c(B.java:1)\nCaused by: java.lang.ClassCastException: x",
                "java.lang.OutOfMemoryError: Java heap space",
                "java.lang.NoClassDefFoundError: a/B",
                "java.lang.IllegalArgumentException: x"
            })
    void areAPlugins(String trace) {
        assertThat(Supervision.ofAPlugin(trace)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "org.apache.kafka.connect.errors.ConnectException: x\nCaused by: org.apache.kafka.common.errors.TimeoutException: y",
                "org.apache.kafka.common.errors.ProducerFencedException: a newer producer",
                "org.apache.kafka.connect.errors.ConnectException: x\nCaused by: java.lang.InterruptedException"
            })
    void areConnectsOwn(String trace) {
        assertThat(Supervision.ofAPlugin(trace)).isFalse();
    }
}
