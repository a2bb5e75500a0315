package io.natskv.plugin;

import java.util.Arrays;

/**
 * The last state of a key, wherever it was read.
 *
 * @param operation PUT, DELETE or PURGE
 * @param value the bytes; empty for a marker
 */
record Entry(String operation, byte[] value) {
    @Override
    public boolean equals(Object other) {
        return other instanceof Entry that && operation.equals(that.operation) && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return 31 * operation.hashCode() + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return operation + " " + value.length + " bytes #" + Integer.toHexString(Arrays.hashCode(value));
    }
}
