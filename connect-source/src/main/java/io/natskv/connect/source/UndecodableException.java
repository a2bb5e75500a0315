package io.natskv.connect.source;

import org.apache.kafka.connect.errors.DataException;

/** No record can be made of an entry. The message says why, without the value. */
final class UndecodableException extends DataException {
    private static final long serialVersionUID = 1L;

    private final Part part;

    /** What is wrong about the entry. */
    enum Part {
        KEY,
        VALUE,
        TOPIC
    }

    /** @param reason must hold nothing of the value */
    UndecodableException(Part part, String reason, Throwable cause) {
        super(reason, cause);
        this.part = part;
    }

    Part part() {
        return part;
    }
}
