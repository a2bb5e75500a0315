package io.natskv.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.impl.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class KvOperationTest {
    @ParameterizedTest
    @CsvSource({
        "KV-Operation, DEL, DELETE",
        "KV-Operation, PURGE, PURGE",
        // ADR-8: any value other than unset
        "KV-Operation, PUT, DELETE",
        "KV-Operation, '', DELETE",
        "KV-Operation, purge, DELETE",
        // ADR-43 and ADR-48
        "Nats-Marker-Reason, MaxAge, PURGE",
        "Nats-Marker-Reason, Purge, PURGE",
        "Nats-Marker-Reason, Remove, DELETE",
        "Nats-Marker-Reason, remove, DELETE",
        "Nats-Marker-Reason, Unheard, PURGE",
        "Nats-TTL, 30s, PUT",
        "Nats-Rollup, sub, PUT",
        "Content-Type, DEL, PUT",
        // ADR-4: names are case-sensitive, for the server as for other clients
        "kv-operation, PURGE, PUT",
        "nats-marker-reason, Remove, PUT"
    })
    void isReadOffTheHeaders(String name, String value, KvOperation expected) {
        assertThat(KvOperation.of(new Headers().add(name, value))).isEqualTo(expected);
    }

    @Test
    void withoutHeadersItIsAPut() {
        assertThat(KvOperation.of(null)).isEqualTo(KvOperation.PUT);
        assertThat(KvOperation.of(new Headers())).isEqualTo(KvOperation.PUT);
        assertThat(KvOperation.of(KvEntry.NO_HEADERS)).isEqualTo(KvOperation.PUT);
    }

    @Test
    void theOperationWinsOverTheReasonAndTheLastValueOverOthers() {
        assertThat(KvOperation.of(new Headers().add(KvHeaders.OPERATION, "DEL").add(KvHeaders.MARKER_REASON, "MaxAge")))
                .isEqualTo(KvOperation.DELETE);
        assertThat(KvOperation.of(new Headers().add(KvHeaders.OPERATION, "DEL", "PURGE")))
                .isEqualTo(KvOperation.PURGE);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenIsReadBack(KvOperation operation) {
        Headers headers = new Headers();
        if (operation.headerValue() != null) {
            headers.add(KvHeaders.OPERATION, operation.headerValue());
        }
        assertThat(KvOperation.of(headers)).isEqualTo(operation);
        assertThat(operation.isMarker()).isEqualTo(operation.headerValue() != null);
    }
}
