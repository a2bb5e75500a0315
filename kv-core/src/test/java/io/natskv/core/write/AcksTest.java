package io.natskv.core.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcksTest {
    private final Acks acks = new Acks();

    private static Message reply(String text) {
        return NatsMessage.builder()
                .subject("reply")
                .data(text.getBytes(StandardCharsets.UTF_8))
                .build();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"stream\":\"KV_b\", \"seq\":%d}",
                "{\"stream\":\"KV_b\",\"domain\":\"hub\",\"seq\":%d}",
                "{\"stream\":\"KV_b\",\"seq\":%d,\"domain\":\"hub\"}",
                "{\"stream\":\"KV_b\", \"seq\":%d,\"duplicate\": true}"
            })
    void readsEveryNumberInEveryForm(String form) throws Exception {
        for (long revision : new long[] {1, 2, 9, 10, 123_456_789, Long.MAX_VALUE / 10, 7}) {
            assertThat(acks.revision(reply(form.formatted(revision)))).isEqualTo(revision);
        }
    }

    @Test
    void goesOnWithAnotherForm() throws Exception {
        assertThat(acks.revision(reply("{\"stream\":\"KV_b\", \"seq\":1}"))).isEqualTo(1);
        assertThat(acks.revision(reply("{\"stream\":\"KV_b\", \"seq\":2,\"duplicate\": true}")))
                .isEqualTo(2);
        assertThat(acks.revision(reply("{\"stream\":\"KV_other\", \"seq\":3}"))).isEqualTo(3);
        assertThat(acks.revision(reply("{\"stream\":\"KV_other\", \"seq\":4}"))).isEqualTo(4);
    }

    @Test
    void aRefusalIsNoAcknowledgement() throws Exception {
        acks.revision(reply("{\"stream\":\"KV_b\", \"seq\":1}"));

        assertThatThrownBy(() -> acks.revision(reply("{\"error\":{\"code\":400,\"err_code\":10071,"
                        + "\"description\":\"wrong last sequence: 5\"},\"stream\":\"KV_b\",\"seq\":0}")))
                .isInstanceOfSatisfying(
                        JetStreamApiException.class,
                        e -> assertThat(e.getApiErrorCode()).isEqualTo(10071));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "{\"stream\":\"KV_b\", \"seq\":12",
                "{\"stream\":\"KV_b\", \"seq\":1x2}",
                "{\"stream\":\"KV_b\", \"seq\":-1}",
                "{\"seq\":12}"
            })
    void whatIsMalformedIsNoAcknowledgement(String text) throws Exception {
        acks.revision(reply("{\"stream\":\"KV_b\", \"seq\":1}"));

        assertThatThrownBy(() -> acks.revision(reply(text)))
                .isInstanceOfAny(IOException.class, JetStreamApiException.class);
    }
}
