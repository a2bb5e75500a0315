package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.source.ControlSignal.Type;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.key.KeyFilter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ControlSignalTest {
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void readsASnapshot() {
        assertThat(read("{\"type\":\"Snapshot\",\"bucket\":\"orders\",\"filter\":\"eu.>\",\"id\":\"7\",\"else\":1}"))
                .isEqualTo(
                        new ControlSignal(Type.SNAPSHOT, Optional.of("orders"), new KeyFilter("eu.>"), "7", CREATED));
        assertThat(read("{\"type\":\"snapshot\"}"))
                .isEqualTo(new ControlSignal(Type.SNAPSHOT, Optional.empty(), KeyFilter.ALL, "c.1@3", CREATED));
    }

    @Test
    void concernsWhatBucketAndFilterSay() {
        ControlSignal some = read("{\"type\":\"snapshot\",\"bucket\":\"orders\",\"filter\":\"eu.>\"}");
        assertThat(some.concerns(Assignment.of("orders", ">"))).isTrue();
        assertThat(some.concerns(Assignment.of("orders", "*.x"))).isTrue();
        assertThat(some.concerns(Assignment.of("orders", "us.>"))).isFalse();
        assertThat(some.concerns(Assignment.of("others", ">"))).isFalse();
        assertThat(read("{\"type\":\"pause\"}").concerns(Assignment.of("others", "a")))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[] | a signal is a JSON object",
                "nonsense | the value is no JSON",
                "{} | must be snapshot, pause or resume, not null",
                "{\"type\":\"stop\"} | must be snapshot, pause or resume, not stop",
                "{\"type\":1} | \"type\" must be a text",
                "{\"type\":\"snapshot\",\"filter\":\"a..b\"} | two dots",
                "{\"type\":\"snapshot\",\"bucket\":\"a b\"} | not allowed",
                "{\"type\":\"pause\",\"filter\":\"a\"} | only a snapshot takes",
            })
    void saysWhatIsWrong(String json, String message) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static ControlSignal read(String json) {
        KvEntry entry = new KvEntry(
                "signals", "c.1", json.getBytes(StandardCharsets.UTF_8), 3, CREATED, 0, KvOperation.PUT, null);
        return ControlSignal.of(entry, new JsonValues());
    }
}
