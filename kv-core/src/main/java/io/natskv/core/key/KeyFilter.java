package io.natskv.core.key;

import java.util.Objects;

/**
 * A key pattern with the wildcards of NATS subjects: {@code *} for one token, {@code >} for one or more at the end.
 *
 * @param pattern the filter as the user wrote it
 */
public record KeyFilter(String pattern) {
    /** Every key. */
    public static final KeyFilter ALL = new KeyFilter(">");

    /** @throws io.natskv.core.error.InvalidKeyException if the pattern is malformed */
    public KeyFilter {
        Objects.requireNonNull(pattern, "pattern");
        KvNames.checkFilter(pattern);
    }

    /** True if the key is one that this filter selects. */
    public boolean matches(String key) {
        int p = 0;
        int k = 0;
        while (true) {
            int pEnd = tokenEnd(pattern, p);
            if (pEnd - p == 1 && pattern.charAt(p) == '>') {
                return k < key.length();
            }
            int kEnd = tokenEnd(key, k);
            boolean star = pEnd - p == 1 && pattern.charAt(p) == '*';
            if (!star && !pattern.regionMatches(p, key, k, Math.max(pEnd - p, kEnd - k))) {
                return false;
            }
            boolean patternDone = pEnd == pattern.length();
            boolean keyDone = kEnd == key.length();
            if (patternDone || keyDone) {
                return patternDone && keyDone;
            }
            p = pEnd + 1;
            k = kEnd + 1;
        }
    }

    /** True if some key is selected by both filters. */
    public boolean overlaps(KeyFilter other) {
        String[] a = pattern.split("\\.");
        String[] b = other.pattern.split("\\.");
        for (int i = 0; i < Math.min(a.length, b.length); i++) {
            if (a[i].equals(">") || b[i].equals(">")) {
                return true;
            }
            if (!a[i].equals("*") && !b[i].equals("*") && !a[i].equals(b[i])) {
                return false;
            }
        }
        return a.length == b.length;
    }

    private static int tokenEnd(String text, int from) {
        int dot = text.indexOf('.', from);
        return dot < 0 ? text.length() : dot;
    }
}
