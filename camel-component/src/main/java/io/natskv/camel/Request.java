package io.natskv.camel;

import io.natskv.core.key.KeyFilter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionException;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;

/** One exchange at a producer: what it asks for by headers, options and body, and where the results go. */
final class Request {
    private final NatsKvEndpoint endpoint;
    private final NatsKvConfiguration options;
    private final Exchange exchange;
    private final Message message;

    Request(NatsKvEndpoint endpoint, Exchange exchange) {
        this.endpoint = endpoint;
        this.options = endpoint.getConfiguration();
        this.exchange = exchange;
        this.message = exchange.getMessage();
    }

    Exchange exchange() {
        return exchange;
    }

    String bucket() {
        return endpoint.getBucket();
    }

    NatsKvConfiguration options() {
        return options;
    }

    /** @throws IllegalArgumentException if the header names none */
    NatsKvOperation operation() {
        Object header = message.getHeader(NatsKvConstants.OPERATION);
        if (header == null) {
            return options.getOperation();
        }
        try {
            return endpoint.getCamelContext().getTypeConverter().mandatoryConvertTo(NatsKvOperation.class, header);
        } catch (Exception e) {
            throw new IllegalArgumentException(
                    "Unknown operation in header " + NatsKvConstants.OPERATION + ": \"" + header + "\"; use one of "
                            + List.of(NatsKvOperation.values()),
                    e);
        }
    }

    /** @throws IllegalArgumentException if there is none */
    String key() {
        String key = givenKey();
        if (key == null) {
            throw new IllegalArgumentException("Bucket \"" + bucket() + "\": no key; set the header "
                    + NatsKvConstants.KEY + " or the option key");
        }
        return key;
    }

    private String givenKey() {
        return message.getHeader(NatsKvConstants.KEY, options.getKey(), String.class);
    }

    List<KeyFilter> filters() {
        return KeyFilters.parse(givenKey());
    }

    /** The keys in the body, unless a filter is given. */
    Optional<List<String>> listedKeys() {
        return givenKey() == null && message.getBody() instanceof Collection<?> listed
                ? Optional.of(listed.stream().map(String::valueOf).toList())
                : Optional.empty();
    }

    OptionalLong revision() {
        Long revision = message.getHeader(NatsKvConstants.AT_REVISION, options.getRevision(), Long.class);
        return revision == null ? OptionalLong.empty() : OptionalLong.of(revision);
    }

    /** @throws IllegalArgumentException if there is none that belongs to this key */
    long updateRevision() {
        OptionalLong given = revision();
        if (given.isPresent()) {
            return given.getAsLong();
        }
        // The revision of another key, or of another bucket, would be a condition that means nothing.
        boolean ours = EntryMapper.revisionOf(bucket(), key())
                .equals(message.getHeader(NatsKvConstants.REVISION_OF, String.class));
        Long read = ours ? message.getHeader(NatsKvConstants.REVISION, Long.class) : null;
        if (read == null) {
            throw new IllegalArgumentException("UPDATE of key \"" + key() + "\" in bucket \"" + bucket()
                    + "\": no expected revision; set the header " + NatsKvConstants.AT_REVISION
                    + " or the option revision, or GET the key before");
        }
        return read;
    }

    /** How long the value or marker lives; empty for ever. */
    Optional<Duration> ttl() {
        Object header = message.getHeader(NatsKvConstants.TTL);
        if (header == null) {
            return options.getTtl() > 0 ? Optional.of(Duration.ofMillis(options.getTtl())) : Optional.empty();
        }
        Duration ttl = header instanceof Number millis
                ? Duration.ofMillis(millis.longValue())
                : endpoint.getCamelContext().getTypeConverter().tryConvertTo(Duration.class, exchange, header);
        if (ttl == null) {
            throw new IllegalArgumentException("Bucket \"" + bucket() + "\": the header " + NatsKvConstants.TTL
                    + " is no Duration, no text like 10m, and no number of milliseconds, but a "
                    + header.getClass().getName());
        }
        return Optional.of(ttl);
    }

    /** A time to live that nobody would heed must not be ignored in silence. */
    void refuseTtl(NatsKvOperation operation) {
        if (ttl().isPresent()) {
            throw new IllegalArgumentException("Key \"" + key() + "\" in bucket \"" + bucket() + "\": the header "
                    + NatsKvConstants.TTL + " and the option ttl go with CREATE and PURGE only, not with " + operation);
        }
    }

    /** Nor must a condition. */
    void refuseRevision(NatsKvOperation operation) {
        if (revision().isPresent()) {
            throw new IllegalArgumentException("Key \"" + key() + "\" in bucket \"" + bucket() + "\": " + operation
                    + " has no expected revision (header " + NatsKvConstants.AT_REVISION
                    + " or option revision); UPDATE has");
        }
    }

    /** The body as bytes. */
    byte[] body() {
        Object body = message.getBody();
        if (body == null && !options.isAllowNullBody()) {
            throw new CompletionException(new InvalidPayloadException(exchange, byte[].class, message));
        }
        return bytes(key(), body);
    }

    /**
     * A value as bytes; null is an empty one.
     *
     * @throws IllegalArgumentException if it can't be converted
     */
    byte[] bytes(String key, Object value) {
        if (value == null) {
            return new byte[0];
        }
        if (value instanceof byte[] bytes) {
            return bytes;
        }
        if (value instanceof String text) {
            // UTF-8 whatever the charset of the exchange: a bucket has readers that know nothing of it.
            return text.getBytes(StandardCharsets.UTF_8);
        }
        var converter = endpoint.getCamelContext().getTypeConverter();
        byte[] bytes = converter.tryConvertTo(byte[].class, exchange, value);
        if (bytes != null) {
            return bytes;
        }
        String text = converter.tryConvertTo(String.class, exchange, value);
        if (text == null) {
            // Not InvalidPayloadException: its message quotes the body.
            throw new IllegalArgumentException("Key \"" + key + "\" in bucket \"" + bucket() + "\": a body of type "
                    + value.getClass().getName() + " can't be converted to bytes");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    void setResult(Object result) {
        if (options.getResultHeader() == null) {
            message.setBody(result);
        } else {
            message.setHeader(options.getResultHeader(), result);
        }
    }

    void setHeader(String name, Object value) {
        message.setHeader(name, value);
    }

    void reportRevision(String key, long revision) {
        message.setHeader(NatsKvConstants.REVISION, revision);
        message.setHeader(NatsKvConstants.REVISION_OF, EntryMapper.revisionOf(bucket(), key));
    }

    /** Takes headers off that would speak of an earlier entry. */
    void forgetRevision() {
        message.removeHeader(NatsKvConstants.REVISION);
        message.removeHeader(NatsKvConstants.REVISION_OF);
        message.removeHeader(NatsKvConstants.CREATED);
    }

    Duration listTimeout() {
        return Duration.ofMillis(options.getListTimeout());
    }
}
