package io.natskv.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.error.InvalidKeyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyFilterTest {
    @ParameterizedTest
    @CsvSource({
        ">, a, true",
        ">, a.b.c, true",
        "*, a, true",
        "*, a.b, false",
        "a, a, true",
        "a, b, false",
        "a, A, false",
        "a, a.b, false",
        "a.b, a, false",
        "a.b, a.b, true",
        "ab, a, false",
        "a, ab, false",
        "a.*, a.b, true",
        "a.*, a, false",
        "a.*, a.b.c, false",
        "*.b, a.b, true",
        "*.b, a.c, false",
        "a.*.c, a.b.c, true",
        "a.*.c, a.b.d, false",
        "a.>, a, false",
        "a.>, a.b, true",
        "a.>, a.b.c, true",
        "a.>, ab.c, false",
        "*.>, a, false",
        "*.>, a.b, true",
        "a/b, a/b, true"
    })
    void matches(String pattern, String key, boolean matches) {
        assertThat(new KeyFilter(pattern).matches(key)).isEqualTo(matches);
    }

    @ParameterizedTest
    @CsvSource({
        ">, >, true",
        ">, a.b, true",
        "a, a, true",
        "a, b, false",
        "a, a.b, false",
        "*, a, true",
        "*, a.b, false",
        "*, >, true",
        "a.*, *.b, true",
        "a.*, b.*, false",
        "a.*, a.b.c, false",
        "a.>, a, false",
        "a.>, a.*, true",
        "a.>, *, false",
        "a.>, *.b.c, true",
        "a.>, b.>, false",
        "a.*.c, a.b.*, true",
        "a.*.c, a.b.d, false",
        "*.*, a.>, true",
        "*.>, a, false"
    })
    void overlaps(String one, String other, boolean overlap) {
        assertThat(new KeyFilter(one).overlaps(new KeyFilter(other))).isEqualTo(overlap);
        assertThat(new KeyFilter(other).overlaps(new KeyFilter(one))).isEqualTo(overlap);
    }

    /** Against the definitions, over all keys of a small alphabet. */
    @Test
    void agreesWithTheDefinitions() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<String> keys = allKeys();
        for (int round = 0; round < 1_500; round++) {
            KeyFilter one = new KeyFilter(randomFilter(random));
            KeyFilter other = new KeyFilter(randomFilter(random));
            boolean overlap = false;
            for (String key : keys) {
                boolean first = naiveMatch(one.pattern(), key);
                assertThat(one.matches(key))
                        .as("%s on %s, seed %d", one, key, seed)
                        .isEqualTo(first);
                overlap |= first && naiveMatch(other.pattern(), key);
            }
            assertThat(one.overlaps(other))
                    .as("%s and %s, seed %d", one, other, seed)
                    .isEqualTo(overlap);
        }
    }

    /** A filter as a regular expression, token by token. */
    private static boolean naiveMatch(String filter, String key) {
        String regex = List.of(filter.split("\\.")).stream()
                .map(token -> switch (token) {
                    case "*" -> "[^.]+";
                    case ">" -> ".+";
                    default -> token;
                })
                .collect(Collectors.joining("\\."));
        return key.matches(regex);
    }

    private static String randomFilter(Random random) {
        int tokens = 1 + random.nextInt(4);
        List<String> parts = IntStream.range(0, tokens)
                .mapToObj(i -> List.of("a", "b", "ab", "*").get(random.nextInt(4)))
                .collect(Collectors.toCollection(ArrayList::new));
        if (random.nextInt(3) == 0) {
            parts.set(tokens - 1, ">");
        }
        return String.join(".", parts);
    }

    /** All keys of up to five tokens of three words: two filters of four tokens that overlap do so on one of these. */
    private static List<String> allKeys() {
        List<String> all = new ArrayList<>();
        List<String> longest = List.of("a", "b", "ab");
        for (int tokens = 1; tokens <= 5; tokens++) {
            all.addAll(longest);
            longest = longest.stream()
                    .flatMap(key -> List.of("a", "b", "ab").stream().map(token -> key + "." + token))
                    .toList();
        }
        return all;
    }

    @Test
    void refusesWhatIsNoFilter() {
        assertThatThrownBy(() -> new KeyFilter("a*")).isInstanceOf(InvalidKeyException.class);
        assertThatThrownBy(() -> new KeyFilter(null)).isInstanceOf(NullPointerException.class);
        assertThat(KeyFilter.ALL.pattern()).isEqualTo(">");
    }
}
