package io.natskv.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.impl.Headers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KvEntryTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.000000006Z");

    private static KvEntry entry(byte[] value, Headers headers) {
        return new KvEntry("bucket", "key", value, 7, NOW, 0, KvOperation.PUT, headers);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void neverHoldsNull() {
        KvEntry entry = entry(null, null);
        assertThat(entry.value()).isEmpty();
        assertThat(entry.headers().isEmpty()).isTrue();
        assertThat(entry.valueLength()).isZero();
        assertThatThrownBy(() -> new KvEntry(null, "key", null, 1, NOW, 0, KvOperation.PUT, null))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> new KvEntry("bucket", null, null, 1, NOW, 0, KvOperation.PUT, null))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> new KvEntry("bucket", "key", null, 1, NOW, 0, null, null))
                .isInstanceOf(NullPointerException.class);
    }

    @Test
    void theSharedEmptyHeadersCantBeChanged() {
        assertThatThrownBy(() -> KvEntry.NO_HEADERS.add("a", "b")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void theLengthIsThatOfTheValueOrWhatTheServerSays() {
        Headers size = new Headers().add(KvHeaders.MESSAGE_SIZE, "1048576");
        assertThat(entry(bytes("äb"), null).valueLength()).isEqualTo(3);
        assertThat(entry(null, size).valueLength()).isEqualTo(1_048_576);
        // A value that is there counts, whatever a header of a writer says.
        assertThat(entry(bytes("abc"), size).valueLength()).isEqualTo(3);
    }

    @Test
    void showsNoValue() {
        assertThat(entry(bytes("s3cret"), new Headers().add("Token", "s3cret")).toString())
                .isEqualTo("KvEntry[bucket/key revision=7 PUT 6 bytes]");
    }

    @Test
    void equalsByContent() {
        KvEntry one = entry(bytes("v"), new Headers().add("a", "b"));
        KvEntry same = entry(bytes("v"), new Headers().add("a", "b"));
        assertThat(one).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(one).isNotEqualTo(entry(bytes("w"), new Headers().add("a", "b")));
        assertThat(one).isNotEqualTo(entry(bytes("v"), null));
        assertThat(one)
                .isNotEqualTo(new KvEntry(
                        "bucket", "key", bytes("v"), 8, NOW, 0, KvOperation.PUT, new Headers().add("a", "b")));
        assertThat(entry(null, null))
                .isNotEqualTo(new KvEntry("bucket", "key", null, 7, NOW, 0, KvOperation.DELETE, null));
    }
}
