package io.natskv.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.impl.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KvHeadersTest {
    @ParameterizedTest
    @CsvSource({
        "Nats-TTL, true",
        "nats-ttl, true",
        "NATS-EXPECTED-LAST-SEQUENCE, true",
        "Nats-, true",
        "KV-Operation, true",
        "kv-anything, true",
        "Natskv-Writer, true",
        "natskv-origin, true",
        "Nats, false",
        "Natsy, false",
        "NatsTTL, false",
        "KV, false",
        "kvx, false",
        "X-Nats-TTL, false",
        "Content-Type, false"
    })
    void control(String name, boolean control) {
        assertThat(KvHeaders.isControl(name)).isEqualTo(control);
    }

    @Test
    void ownNamesAreControl() {
        assertThat(KvHeaders.isControl(KvHeaders.OPERATION)).isTrue();
        assertThat(KvHeaders.isControl(KvHeaders.MARKER_REASON)).isTrue();
        assertThat(KvHeaders.isControl(KvHeaders.ROLLUP)).isTrue();
        assertThat(KvHeaders.isControl(KvHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE))
                .isTrue();
        assertThat(KvHeaders.isControl(KvHeaders.TTL)).isTrue();
        assertThat(KvHeaders.isControl(KvHeaders.MESSAGE_SIZE)).isTrue();
        assertThat(KvHeaders.isControl(KvHeaders.WRITER)).isTrue();
        assertThat(KvHeaders.isControl(KvHeaders.ORIGIN)).isTrue();
    }

    @Test
    void withoutControlKeepsTheRestWithAllValues() {
        Headers headers = new Headers()
                .add("Trace", "1", "2")
                .add("Nats-Rollup", "all")
                .add("kv-operation", "PURGE")
                .add("Empty", "");
        Headers kept = KvHeaders.withoutControl(headers);
        assertThat(kept.keySet()).containsExactlyInAnyOrder("Trace", "Empty");
        assertThat(kept.get("Trace")).containsExactly("1", "2");
        assertThat(headers.size()).isEqualTo(4);
        kept.add("More", "x");
        assertThat(headers.containsKey("More")).isFalse();
    }

    @Test
    void withoutControlOfNothingIsEmpty() {
        assertThat(KvHeaders.withoutControl(null).isEmpty()).isTrue();
        assertThat(KvHeaders.withoutControl(new Headers()).isEmpty()).isTrue();
        assertThat(KvHeaders.withoutControl(KvEntry.NO_HEADERS).isEmpty()).isTrue();
    }
}
