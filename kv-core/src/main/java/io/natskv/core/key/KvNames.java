package io.natskv.core.key;

import io.natskv.core.error.InvalidBucketException;
import io.natskv.core.error.InvalidKeyException;

/**
 * The rules for bucket names, keys and key filters (ADR-6, ADR-8), checked on this side: the server answers a malformed subject
 * with "no responders", which looks like an outage.
 */
public final class KvNames {
    /** Longest key that fits into the protocol line of a default server (4 KiB) beside subject prefix and reply subject. */
    public static final int MAX_KEY_LENGTH = 3_500;

    private KvNames() {}

    /**
     * Checks a bucket name: letters, digits, dash and underscore.
     *
     * @throws InvalidBucketException if it is null, empty or holds anything else
     */
    public static String checkBucket(String bucket) {
        if (bucket == null || bucket.isEmpty()) {
            throw new InvalidBucketException(String.valueOf(bucket), "it must not be empty");
        }
        for (int i = 0; i < bucket.length(); i++) {
            char c = bucket.charAt(i);
            if (!isAlphanumeric(c) && c != '-' && c != '_') {
                throw new InvalidBucketException(bucket, "\"" + c + "\" is not allowed; letters, digits, - and _ are");
            }
        }
        return bucket;
    }

    /**
     * Checks a key: letters, digits and {@code - / _ = .}, no dot at either end, no two dots in a row.
     *
     * @throws InvalidKeyException if it is null, empty, too long or holds anything else
     */
    public static String checkKey(String key) {
        String problem = problemOf(key, false);
        if (problem != null) {
            throw new InvalidKeyException(String.valueOf(key), problem);
        }
        return key;
    }

    /**
     * Checks a key filter: a key in which whole tokens may be {@code *}, and the last one {@code >}.
     *
     * @throws InvalidKeyException if it is no such filter
     */
    public static String checkFilter(String filter) {
        String problem = problemOf(filter, true);
        if (problem != null) {
            throw new InvalidKeyException(String.valueOf(filter), problem);
        }
        return filter;
    }

    /** True if {@link #checkKey} would pass. */
    public static boolean isValidKey(String key) {
        return problemOf(key, false) == null;
    }

    private static String problemOf(String key, boolean filter) {
        if (key == null || key.isEmpty()) {
            return "it must not be empty";
        }
        if (key.length() > MAX_KEY_LENGTH) {
            return "it has " + key.length() + " characters, " + MAX_KEY_LENGTH + " are allowed";
        }
        int tokenStart = 0;
        for (int i = 0; i <= key.length(); i++) {
            if (i == key.length() || key.charAt(i) == '.') {
                if (i == tokenStart) {
                    return i == 0
                            ? "it starts with a dot"
                            : i == key.length() ? "it ends with a dot" : "it has two dots in a row";
                }
                tokenStart = i + 1;
            } else {
                char c = key.charAt(i);
                if (filter && (c == '*' || c == '>')) {
                    boolean wholeToken =
                            i == tokenStart && (i + 1 == key.length() || c == '*' && key.charAt(i + 1) == '.');
                    if (!wholeToken) {
                        return "\"" + c + "\" must stand alone in its token" + (c == '>' ? ", and be the last" : "");
                    }
                } else if (!isAlphanumeric(c) && "-/_=".indexOf(c) < 0) {
                    return "the character " + printable(c) + " at position " + i
                            + " is not allowed; letters, digits and - / _ = . are";
                }
            }
        }
        return null;
    }

    private static String printable(char c) {
        return c > ' ' && c < 127 ? "\"" + c + "\"" : String.format("U+%04X", (int) c);
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }
}
