package io.natskv.core;

import io.nats.client.impl.Headers;
import java.util.Locale;

/** What a KV message does to its key (ADR-8). The operation decides, never the value: an empty {@link #PUT} is no delete. */
public enum KvOperation {
    /** Stores a value; the value may be empty. */
    PUT,
    /** Marks the key as deleted; its history stays. Header {@code KV-Operation: DEL}. */
    DELETE,
    /** Marks the key as deleted and removes its history. Header {@code KV-Operation: PURGE}, or a limit marker of the server. */
    PURGE;

    /** True for the operations that leave a marker in place of a value. */
    public boolean isMarker() {
        return this != PUT;
    }

    /**
     * Reads the operation off a message's headers. A server marker ({@code Nats-Marker-Reason}, ADR-43) counts as a purge
     * for {@code MaxAge} and {@code Purge} and as a delete for {@code Remove} (ADR-48). An operation that we do not know
     * is a delete (ADR-8: "any value other than unset").
     *
     * @param headers the message's headers, or null
     */
    public static KvOperation of(Headers headers) {
        if (headers == null || headers.isEmpty()) {
            return PUT;
        }
        String operation = headers.getLast(KvHeaders.OPERATION);
        if (operation != null) {
            return "PURGE".equals(operation) ? PURGE : DELETE;
        }
        String reason = headers.getLast(KvHeaders.MARKER_REASON);
        if (reason == null) {
            return PUT;
        }
        return "remove".equals(reason.toLowerCase(Locale.ROOT)) ? DELETE : PURGE;
    }

    /** The value of the header {@code KV-Operation} for this operation, or null for a put, which carries none. */
    public String headerValue() {
        return switch (this) {
            case PUT -> null;
            case DELETE -> "DEL";
            case PURGE -> "PURGE";
        };
    }
}
