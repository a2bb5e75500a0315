package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.impl.Headers;
import io.natskv.core.KvEntry;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import java.time.Instant;
import java.util.stream.Stream;
import org.apache.camel.Message;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultMessage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EntryMapperTest {
    private static final byte[] EMPTY = {};
    private static final byte[] FOUR = {1, 2, 3, 4};

    static Stream<Arguments> entries() {
        return Stream.of(
                // operation, value, size reported by the server, metaOnly, body, length
                Arguments.of(KvOperation.PUT, FOUR, null, false, FOUR, 4L),
                Arguments.of(KvOperation.PUT, EMPTY, null, false, EMPTY, 0L),
                Arguments.of(KvOperation.PUT, EMPTY, "4", true, null, 4L),
                Arguments.of(KvOperation.PUT, EMPTY, "0", true, null, 0L),
                Arguments.of(KvOperation.DELETE, EMPTY, null, false, null, 0L),
                Arguments.of(KvOperation.PURGE, EMPTY, null, false, null, 0L),
                Arguments.of(KvOperation.DELETE, EMPTY, "0", true, null, 0L));
    }

    @ParameterizedTest
    @MethodSource("entries")
    void map(KvOperation operation, byte[] value, String size, boolean metaOnly, byte[] body, long length) {
        Instant created = Instant.parse("2026-01-02T03:04:05.678901234Z");
        Headers headers = size == null ? null : new Headers().add(KvHeaders.MESSAGE_SIZE, size);
        KvEntry entry = new KvEntry("b", "k", value, 7, created, 3, operation, headers);
        Message message = new DefaultMessage(new DefaultCamelContext());
        EntryMapper.map(entry, true, metaOnly, message);
        assertThat(message.getBody()).isEqualTo(body);
        assertThat(message.getHeaders())
                .containsEntry(NatsKvConstants.REVISION_OF, "b/k")
                .hasSize(10)
                .containsEntry(NatsKvConstants.BUCKET, "b")
                .containsEntry(NatsKvConstants.KEY, "k")
                .containsEntry(NatsKvConstants.ENTRY_OPERATION, operation)
                .containsEntry(NatsKvConstants.REVISION, 7L)
                .containsEntry(NatsKvConstants.CREATED, created)
                .containsEntry(NatsKvConstants.DELTA, 3L)
                .containsEntry(NatsKvConstants.INITIAL, true)
                .containsEntry(NatsKvConstants.DATA_LENGTH, length)
                .containsEntry(NatsKvConstants.MESSAGE_TIMESTAMP, created.toEpochMilli());
    }
}
