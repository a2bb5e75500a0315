package io.natskv.core.differential;

import io.natskv.core.KvOperation;
import java.time.Instant;

/**
 * An entry as a reader saw it.
 *
 * @param value in hexadecimal, or its length alone where only that was read
 * @param created null in the model, which has no clock
 */
record Row(String key, String value, long revision, KvOperation operation, Instant created) {
    Row withoutTime() {
        return new Row(key, value, revision, operation, null);
    }

    Row withoutValue() {
        return new Row(key, Integer.toString(value.length() / 2), revision, operation, created);
    }

    @Override
    public String toString() {
        String shown = value.length() > 16 ? value.substring(0, 16) + "… (" + value.length() / 2 + ")" : value;
        return revision + " " + operation + " " + key + " " + shown + (created == null ? "" : " " + created);
    }
}
