package io.natskv.connect.source;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names in which {@code *} stands for any characters. Immutable. */
final class NamePatterns {
    private final List<Pattern> patterns;

    /** Upper and lower case are the same, as in the names of headers. */
    NamePatterns(List<String> names) {
        this(names, Pattern.CASE_INSENSITIVE);
    }

    private NamePatterns(List<String> names, int flags) {
        this.patterns = names.stream().map(name -> compile(name, flags)).toList();
    }

    /** Upper and lower case differ, as in the names of topics. */
    static NamePatterns caseSensitive(List<String> names) {
        return new NamePatterns(names, 0);
    }

    private static Pattern compile(String name, int flags) {
        String regex = Arrays.stream(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(regex, flags | Pattern.DOTALL);
    }

    boolean isEmpty() {
        return patterns.isEmpty();
    }

    boolean match(String name) {
        for (Pattern pattern : patterns) {
            if (pattern.matcher(name).matches()) {
                return true;
            }
        }
        return false;
    }
}
