package io.natskv.connect.source;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Names in which {@code *} stands for any characters; upper and lower case are the same. Immutable. */
final class NamePatterns {
    private final List<Pattern> patterns;

    NamePatterns(List<String> names) {
        this.patterns = names.stream().map(NamePatterns::compile).toList();
    }

    private static Pattern compile(String name) {
        String regex = Arrays.stream(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
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
