package io.natskv.connect.source;

import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;

/**
 * What one watch reads: the keys of one bucket that one filter selects. Also the source partition under which its offset is stored.
 */
record Assignment(String bucket, KeyFilter filter) {
    /** Legal in neither bucket names nor key filters. */
    private static final char SEPARATOR = ':';

    static Assignment of(String bucket, String filter) {
        return new Assignment(KvNames.checkBucket(bucket), new KeyFilter(filter));
    }

    /** The inverse of {@link #encode}. */
    static Assignment decode(String text) {
        int at = text.indexOf(SEPARATOR);
        if (at < 0) {
            throw new IllegalArgumentException("No assignment: \"" + text + "\"");
        }
        return of(text.substring(0, at), text.substring(at + 1));
    }

    /** A form that fits into a task's settings. */
    String encode() {
        return bucket + SEPARATOR + filter.pattern();
    }
}
