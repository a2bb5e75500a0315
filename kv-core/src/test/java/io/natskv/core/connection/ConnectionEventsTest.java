package io.natskv.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.ConnectionListener.Events;
import io.natskv.core.error.KvErrors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the callbacks of jnats lead to; the connection itself plays no part in it. */
class ConnectionEventsTest {
    private static ConnectionEvents events(Duration wait, Duration jitter) {
        ConnectionEvents events = new ConnectionEvents(NatsConnectionConfig.builder()
                .reconnectWait(wait)
                .reconnectJitter(jitter)
                .build());
        events.connectionEvent(null, Events.CONNECTED, 0L, "");
        return events;
    }

    @Test
    void theWaitIsThatOfTheSettingsAndAtMostTheJitterMore() {
        ConnectionEvents events = events(Duration.ofMillis(50), Duration.ofMillis(20));
        List<Duration> waits = new ArrayList<>();
        for (int round = 1; round <= 1_000; round++) {
            waits.add(events.getWaitTime(round));
        }
        assertThat(waits).allSatisfy(wait -> assertThat(wait).isBetween(Duration.ofMillis(50), Duration.ofMillis(70)));
        assertThat(waits.stream().distinct().count()).isGreaterThan(100);
    }

    @Test
    void withoutWaitAndJitterThereIsNone() {
        assertThat(events(Duration.ZERO, Duration.ZERO).getWaitTime(1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization Violation",
                "User Authentication Expired",
                "User Authentication Revoked",
                "Account Authentication Expired"
            })
    void aServerThatRefusesTheCredentialsIsAskedLessAndLessOften(String words) {
        ConnectionEvents events = events(Duration.ZERO, Duration.ZERO);
        List<Duration> waits = new ArrayList<>();
        for (int refusal = 1; refusal <= 100; refusal++) {
            events.errorOccurred(null, words);
            waits.add(events.getWaitTime(refusal));
        }
        assertThat(waits).isSorted();
        assertThat(waits.get(0)).isEqualTo(Duration.ofMillis(100));
        assertThat(waits.get(3)).isEqualTo(Duration.ofMillis(800));
        assertThat(waits.get(99)).isEqualTo(Duration.ofSeconds(30));

        events.connectionEvent(null, Events.RECONNECTED, 0L, "");
        assertThat(events.getWaitTime(1)).isZero();
    }

    @Test
    void otherWordsOfTheServerChangeNothing() {
        ConnectionEvents events = events(Duration.ZERO, Duration.ZERO);
        events.errorOccurred(null, "Stale Connection");
        events.errorOccurred(null, "Authentication Timeout");
        events.errorOccurred(null, "Permissions Violation for Publish to \"a\"");
        assertThat(events.getWaitTime(1)).isZero();
    }

    @Test
    void refusedSubjectsReachAllListenersTheLastOneLast() {
        ConnectionEvents events = events(Duration.ZERO, Duration.ZERO);
        List<String> told = new ArrayList<>();
        events.onViolationLast(violation -> told.add("last"));
        events.violationListeners().add(violation -> told.add("first"));
        events.violationListeners().add((KvErrors.Violation violation) -> told.add(violation.subject()));
        events.errorOccurred(null, "Permissions Violation for Publish to \"a.b\"");
        assertThat(told).containsExactly("first", "a.b", "last");
    }
}
