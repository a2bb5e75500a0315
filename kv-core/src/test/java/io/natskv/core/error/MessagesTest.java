package io.natskv.core.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each error tells its reader, and what it has a caller do. */
class MessagesTest {
    static Stream<Arguments> errors() {
        return Stream.of(
                Arguments.of(
                        new BucketNotFoundException("b", "KV_b"),
                        ErrorClass.FATAL,
                        "Bucket \"b\" not found (stream KV_b); create it, or check bucket name, account and JetStream domain"),
                Arguments.of(
                        new FeatureUnsupportedException("Compression", "2.10", "2.9.10"),
                        ErrorClass.FATAL,
                        "Compression needs nats-server 2.10, this server is 2.9.10"),
                Arguments.of(
                        new HistoryTooLargeException("b", 65),
                        ErrorClass.FATAL,
                        "History of bucket \"b\" must be 1 to 64, not 65"),
                Arguments.of(new KeyExistsException("b", "k"), ErrorClass.REJECTED, "Key \"k\" exists in bucket \"b\""),
                Arguments.of(
                        new KeyNotFoundException("b", "k"), ErrorClass.REJECTED, "Key \"k\" not found in bucket \"b\""),
                Arguments.of(
                        new NotAKvBucketException("b", "odd"), ErrorClass.FATAL, "Stream KV_b is no KV bucket: odd"),
                Arguments.of(
                        new TlsException("TLS with NATS at tls://host failed: no trust", null),
                        ErrorClass.FATAL,
                        "TLS with NATS at tls://host failed: no trust"),
                Arguments.of(
                        new ValueTooLargeException("b", "k", 11, 10, "max_payload of the server"),
                        ErrorClass.REJECTED,
                        "Value and headers of key \"k\" take 11 bytes; bucket \"b\" allows 10 (max_payload of the server)"),
                Arguments.of(
                        new WrongRevisionException("b", "k", 3, 5),
                        ErrorClass.REJECTED,
                        "Key \"k\" in bucket \"b\": expected last revision 3, found 5"),
                Arguments.of(
                        new WrongRevisionException("b", "k", 3, -1),
                        ErrorClass.REJECTED,
                        "Key \"k\" in bucket \"b\": expected last revision 3, found another"));
    }

    @ParameterizedTest
    @MethodSource
    void errors(KvException error, ErrorClass errorClass, String message) {
        assertThat(error).hasMessage(message).hasNoCause();
        assertThat(error.errorClass()).isEqualTo(errorClass);
        assertThat(KvErrors.classify(error)).isEqualTo(errorClass);
    }

    @Test
    void aWrongRevisionTellsBoth() {
        WrongRevisionException error = new WrongRevisionException("b", "k", 3, 5);
        assertThat(error.expected()).isEqualTo(3);
        assertThat(error.actual()).isEqualTo(5);
    }
}
