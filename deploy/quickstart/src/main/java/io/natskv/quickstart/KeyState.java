package io.natskv.quickstart;

import io.natskv.core.KvOperation;
import java.util.Arrays;

/**
 * What a key holds last: a value or a marker.
 *
 * @param operation what was done last to the key
 * @param value the bytes; empty for a marker
 */
record KeyState(KvOperation operation, byte[] value) {

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyState that && operation == that.operation && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * operation.hashCode() + Arrays.hashCode(value);
    }

    /** The operation, and for a value its length and a hash: enough to tell two apart. */
    @Override
    public String toString() {
        return operation.isMarker()
                ? operation.name()
                : "%s %d bytes #%08x".formatted(operation, value.length, Arrays.hashCode(value));
    }
}
