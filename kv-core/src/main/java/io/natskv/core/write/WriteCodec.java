package io.natskv.core.write;

import io.nats.client.impl.Headers;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A write as a message, and what a stored message says of who wrote it. */
final class WriteCodec {
    private WriteCodec() {}

    /**
     * The headers of a write.
     *
     * @param mark of {@link #mark}
     * @param expected last revision to count on; below 0 for none
     */
    static Headers headers(KvWrite write, String mark, long expected) {
        Headers headers = write.headers().isEmpty() ? new Headers() : new Headers(write.headers());
        if (write.operation().isMarker()) {
            headers.put(KvHeaders.OPERATION, write.operation().headerValue());
        }
        if (write.operation() == KvOperation.PURGE) {
            headers.put(KvHeaders.ROLLUP, "sub");
        }
        write.ttl().ifPresent(ttl -> headers.put(KvHeaders.TTL, KvHeaders.ttl(ttl)));
        if (expected >= 0) {
            headers.put(KvHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, Long.toString(expected));
        }
        headers.put(write.origin().isPresent() ? KvHeaders.ORIGIN : KvHeaders.WRITER, mark);
        return headers;
    }

    /** By which a stored message is recognised as this write: its origin, or else a name that only this writer gives, once. */
    static String mark(KvWrite write, String writer, long id) {
        return write.origin().map(WriteCodec::format).orElseGet(() -> writer + "." + Long.toString(id, 36));
    }

    static String format(KvWrite.Origin origin) {
        return encoded(origin.topic()) + "/" + origin.partition() + "/" + origin.offset();
    }

    /** Names of topics, and what tells them apart, hold nothing that has to be encoded, and are written again and again. */
    private static String encoded(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean plain = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '.'
                    || c == '-'
                    || c == '_'
                    || c == ':';
            if (!plain) {
                return URLEncoder.encode(text, StandardCharsets.UTF_8);
            }
        }
        return text;
    }

    /** The origin in a stored message; empty if it has none that we can read. */
    static Optional<KvWrite.Origin> origin(Headers headers) {
        String text = headers == null ? null : headers.getLast(KvHeaders.ORIGIN);
        String[] parts = text == null ? new String[0] : text.split("/");
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            return Optional.of(new KvWrite.Origin(
                    URLDecoder.decode(parts[0], StandardCharsets.UTF_8),
                    Integer.parseInt(parts[1]),
                    Long.parseLong(parts[2])));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
