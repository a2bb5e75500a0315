package io.natskv.core.error;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.PublishAck;
import io.nats.client.impl.NatsMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class KvErrorsTest {
    /** An error as jnats makes it of the server's answer. */
    private static JetStreamApiException api(int code, String description) throws IOException {
        String answer = "{\"error\":{\"code\":400,\"err_code\":" + code + ",\"description\":\"" + description + "\"}}";
        return catchThrowableOfType(
                JetStreamApiException.class,
                () -> new PublishAck(NatsMessage.builder()
                        .subject("ack")
                        .data(answer, StandardCharsets.UTF_8)
                        .build()));
    }

    @ParameterizedTest
    @CsvSource({
        // no answer can be had now: retry
        "10008, TRANSIENT",
        "10009, TRANSIENT",
        "10023, TRANSIENT",
        "10028, TRANSIENT",
        "10039, TRANSIENT",
        "10047, TRANSIENT",
        "10076, TRANSIENT",
        "10077, TRANSIENT",
        "10118, TRANSIENT",
        "10119, TRANSIENT",
        "10158, TRANSIENT",
        "10163, TRANSIENT",
        "10164, TRANSIENT",
        "10167, TRANSIENT",
        "10210, TRANSIENT",
        "10211, TRANSIENT",
        // this record can't be stored, others can
        "10037, REJECTED",
        "10054, REJECTED",
        "10060, REJECTED",
        "10071, REJECTED",
        "10097, REJECTED",
        "10111, REJECTED",
        "10165, REJECTED",
        "10166, REJECTED",
        // somebody has to change something
        "10059, FATAL",
        "10058, FATAL",
        "10109, FATAL",
        "10174, FATAL",
        "10185, FATAL",
        "1, FATAL",
        "0, FATAL"
    })
    void eachCodeHasItsClass(int code, ErrorClass expected) {
        KvException error = KvErrors.ofCode(code, "what the server said", "put key \"a\" in bucket \"b\"", null);
        assertThat(error.errorClass()).isEqualTo(expected);
        assertThat(error)
                .hasMessage("put key \"a\" in bucket \"b\" failed: what the server said [" + code + "]")
                .isInstanceOfSatisfying(
                        KvServerException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(KvErrors.classify(error)).isEqualTo(expected);
        assertThat(KvErrors.isCode(error, code)).isTrue();
        assertThat(KvErrors.isCode(new CompletionException(error), code)).isTrue();
        assertThat(KvErrors.isCode(error, code + 1)).isFalse();
    }

    @Test
    void withoutAnActionItIsARequest() {
        assertThat(KvErrors.ofCode(10077, "full", "", null)).hasMessage("Request failed: full [10077]");
    }

    static Stream<Arguments> others() {
        return Stream.of(
                Arguments.of(
                        new TimeoutException(), UnavailableException.class, "No answer from the NATS server (doing)"),
                Arguments.of(
                        new CancellationException("cancelled"),
                        UnavailableException.class,
                        "No answer from the NATS server (doing)"),
                Arguments.of(
                        new IOException("Connection reset"),
                        UnavailableException.class,
                        "NATS server not available (doing): Connection reset"),
                Arguments.of(
                        new IllegalStateException("Connection is Closed"),
                        UnavailableException.class,
                        "NATS server not available (doing): Connection is Closed"),
                Arguments.of(
                        new io.nats.client.JetStreamStatusException(
                                new io.nats.client.support.Status(503, "No Responders Available For Request")),
                        UnavailableException.class,
                        "NATS server not available (doing): "),
                Arguments.of(
                        new IllegalArgumentException("odd"),
                        KvException.class,
                        "Unexpected error (doing): java.lang.IllegalArgumentException: odd"));
    }

    @ParameterizedTest
    @MethodSource
    void others(Exception error, Class<? extends KvException> type, String message) {
        for (Exception form : new Exception[] {error, new CompletionException(error), new ExecutionException(error)}) {
            KvException translated = KvErrors.translate(form, "doing");
            assertThat(translated)
                    .isExactlyInstanceOf(type)
                    .hasMessageStartingWith(message)
                    .hasCause(error);
            assertThat(translated.errorClass())
                    .isEqualTo(type == UnavailableException.class ? ErrorClass.TRANSIENT : ErrorClass.FATAL);
        }
    }

    @Test
    void anApiErrorKeepsItsCode() throws IOException {
        JetStreamApiException error = api(10071, "wrong last sequence: 5");
        assertThat(KvErrors.translate(new ExecutionException(error), "update"))
                .isInstanceOfSatisfying(
                        KvServerException.class, e -> assertThat(e.code()).isEqualTo(10071))
                .hasMessage("update failed: wrong last sequence: 5 [10071]")
                .hasCause(error);
        assertThat(KvErrors.isCode(new CompletionException(error), 10071)).isTrue();
        assertThat(KvErrors.isCode(error, 10077)).isFalse();
        assertThat(KvErrors.classify(error)).isEqualTo(ErrorClass.REJECTED);
    }

    @Test
    void ourOwnErrorsStayAsTheyAre() {
        KvException own = new KeyNotFoundException("bucket", "key");
        assertThat(KvErrors.translate(own, "get")).isSameAs(own);
        assertThat(KvErrors.translate(new CompletionException(new ExecutionException(own)), "get"))
                .isSameAs(own);
    }

    @Test
    void aWrapperWithoutCauseIsNotUnwrapped() {
        assertThat(KvErrors.translate(new CompletionException("alone", null), "")
                        .errorClass())
                .isEqualTo(ErrorClass.FATAL);
    }

    @Test
    void anInterruptionIsPassedOn() {
        KvException translated = KvErrors.translate(new InterruptedException(), "waiting");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(translated).isInstanceOf(UnavailableException.class).hasMessage("Interrupted (waiting)");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {
                "wrong last sequence: 42, 42",
                "nats: wrong last sequence: 0, 0",
                "wrong last sequence: 9223372036854775807, 9223372036854775807",
                "wrong last sequence, -1",
                "wrong last sequence: , -1",
                "something else: 7, -1",
                "'', -1",
                "null, -1"
            })
    void theSequenceInTheServersWords(String description, long sequence) {
        assertThat(KvErrors.sequenceIn(description)).isEqualTo(sequence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Permissions Violation for Publish to \"$KV.b.k\"|publish|$KV.b.k|publish to",
                "'Permissions Violation for Subscription to \"_INBOX.x.*\"'|subscription|_INBOX.x.*|subscribe to",
                "Permissions Violation for Subscription to \"a.b\" using queue \"q\"|subscription|a.b|subscribe to",
                "permissions violation for publish to \"a b\"|publish|a b|publish to"
            })
    void theSubjectThatIsNotPermitted(String serverError, String action, String subject, String verb) {
        KvErrors.Violation violation = KvErrors.violationIn(serverError);
        assertThat(violation).isEqualTo(new KvErrors.Violation(action, subject));
        assertThat(violation.toException())
                .hasMessage("No permission to " + verb + " subject \"" + subject + "\": grant it to the NATS user")
                .extracting(KvException::errorClass)
                .isEqualTo(ErrorClass.FATAL);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "null",
            value = {"Authorization Violation", "Permissions Violation", "Stale Connection", "'', ", "null"})
    void otherWordsOfTheServerAreNoViolation(String serverError) {
        assertThat(KvErrors.violationIn(serverError)).isNull();
    }
}
