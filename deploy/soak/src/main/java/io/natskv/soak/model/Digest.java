package io.natskv.soak.model;

import java.util.zip.CRC32C;

/** Values are compared by length and checksum: hours of them don't fit into memory. */
public final class Digest {
    /** Of markers, which have no value. */
    public static final long NONE = -1;

    private Digest() {}

    /** Length above, checksum below. */
    public static long of(byte[] value) {
        if (value == null) {
            return 0;
        }
        CRC32C crc = new CRC32C();
        crc.update(value);
        return (long) value.length << 32 | crc.getValue();
    }

    /** As {@code length:checksum}. */
    static String text(long digest) {
        return digest == NONE ? "-" : (digest >>> 32) + ":" + Integer.toHexString((int) digest);
    }
}
