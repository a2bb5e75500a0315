package io.natskv.connect.source;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * Writes times as {@link Instant#toString} does. Entries that follow each other were mostly stored in the same second, whose text is kept: that
 * takes a tenth of the time, which was a third of what it took to make a record. For one thread.
 */
final class TimeText {
    private static final int MILLION = 1_000_000;
    private static final int THOUSAND = 1_000;
    /** A point, nine digits, and the Z. */
    private static final int LONGEST_END = 11;

    private byte[] text = new byte[0];
    private int secondLength;
    private long second = Long.MIN_VALUE;

    String of(Instant time) {
        if (time.getEpochSecond() != second) {
            begin(time.getEpochSecond());
        }
        int end = secondLength;
        int nanos = time.getNano();
        if (nanos != 0) {
            text[end++] = '.';
            // In groups of three digits, as many as are needed.
            if (nanos % MILLION == 0) {
                end = digits(nanos / MILLION, end, 3);
            } else if (nanos % THOUSAND == 0) {
                end = digits(nanos / THOUSAND, end, 6);
            } else {
                end = digits(nanos, end, 9);
            }
        }
        text[end++] = 'Z';
        return new String(text, 0, end, StandardCharsets.ISO_8859_1);
    }

    private void begin(long newSecond) {
        byte[] whole = Instant.ofEpochSecond(newSecond).toString().getBytes(StandardCharsets.ISO_8859_1);
        secondLength = whole.length - 1; // without the Z
        text = new byte[secondLength + LONGEST_END];
        System.arraycopy(whole, 0, text, 0, secondLength);
        second = newSecond;
    }

    private int digits(int number, int from, int count) {
        int rest = number;
        for (int at = from + count - 1; at >= from; at--) {
            text[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return from + count;
    }
}
