package io.natskv.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.InvalidBucketException;
import io.natskv.core.error.InvalidKeyException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class KvNamesTest {
    private static final String LONGEST = "k".repeat(KvNames.MAX_KEY_LENGTH);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "b",
                "B-2_c",
                "0",
                "-",
                "_",
                "KV_x",
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
            })
    void takesBucketNames(String bucket) {
        assertThat(KvNames.checkBucket(bucket)).isSameAs(bucket);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "a.b", "a b", "a*", ">", "a/b", "a=b", "ä", "a\nb", "\uD83D\uDE00"})
    void refusesOtherBucketNames(String bucket) {
        assertThatThrownBy(() -> KvNames.checkBucket(bucket))
                .isInstanceOfSatisfying(
                        InvalidBucketException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                .hasMessageStartingWith("Invalid bucket name \"" + bucket + "\": ");
    }

    @Test
    void saysWhatIsWrongWithABucketName() {
        assertThatThrownBy(() -> KvNames.checkBucket("my.bucket"))
                .hasMessage("Invalid bucket name \"my.bucket\": \".\" is not allowed; letters, digits, - and _ are");
        assertThatThrownBy(() -> KvNames.checkBucket("")).hasMessage("Invalid bucket name \"\": it must not be empty");
    }

    static Stream<String> keys() {
        return Stream.of(
                "a",
                "a.b.c",
                "a/b",
                "a=b",
                "a-b_c/d=e.F0",
                "/",
                "=",
                "-",
                "_kv.reserved",
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/_=.x",
                LONGEST);
    }

    @ParameterizedTest
    @MethodSource("keys")
    void takesKeys(String key) {
        assertThat(KvNames.checkKey(key)).isSameAs(key);
        assertThat(KvNames.isValidKey(key)).isTrue();
        assertThat(KvNames.checkFilter(key)).isSameAs(key);
    }

    static Stream<Arguments> noKeys() {
        return Stream.of(
                Arguments.of(null, "it must not be empty"),
                Arguments.of("", "it must not be empty"),
                Arguments.of(".", "it starts with a dot"),
                Arguments.of(".a", "it starts with a dot"),
                Arguments.of("a.", "it ends with a dot"),
                Arguments.of("a.b.", "it ends with a dot"),
                Arguments.of("a..b", "it has two dots in a row"),
                Arguments.of("a.b..", "it has two dots in a row"),
                Arguments.of(
                        "a b", "the character U+0020 at position 1 is not allowed; letters, digits and - / _ = . are"),
                Arguments.of("a.b\t", "the character U+0009 at position 3 is not allowed"),
                Arguments.of("\n", "the character U+000A at position 0 is not allowed"),
                Arguments.of("a\u0000", "the character U+0000 at position 1 is not allowed"),
                Arguments.of("a:b", "the character \":\" at position 1 is not allowed"),
                Arguments.of("ab\u007f", "the character U+007F at position 2 is not allowed"),
                Arguments.of("stra\u00dfe", "the character U+00DF at position 4 is not allowed"),
                Arguments.of("a.\uD83D\uDE00", "the character U+D83D at position 2 is not allowed"),
                Arguments.of("$a", "the character \"$\" at position 0 is not allowed"),
                Arguments.of(LONGEST + "k", "it has 3501 characters, 3500 are allowed"));
    }

    @ParameterizedTest
    @MethodSource
    void noKeys(String key, String problem) {
        assertThat(KvNames.isValidKey(key)).isFalse();
        assertThatThrownBy(() -> KvNames.checkKey(key))
                .isInstanceOfSatisfying(
                        InvalidKeyException.class,
                        e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.REJECTED))
                .hasMessageStartingWith("Invalid key \"" + key + "\": " + problem);
        assertThatThrownBy(() -> KvNames.checkFilter(key))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {">", "*", "*.*", "a.*", "*.a", "a.>", "a.*.c", "*.>", "a.*.>", "a/b.*"})
    void takesWildcardsInFiltersOnly(String filter) {
        assertThat(KvNames.checkFilter(filter)).isSameAs(filter);
        assertThat(KvNames.isValidKey(filter)).isFalse();
        assertThatThrownBy(() -> KvNames.checkKey(filter))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("is not allowed");
    }

    static Stream<Arguments> noFilters() {
        return Stream.of(
                Arguments.of("a*", "\"*\" must stand alone in its token"),
                Arguments.of("*a", "\"*\" must stand alone in its token"),
                Arguments.of("**", "\"*\" must stand alone in its token"),
                Arguments.of("a.*b.c", "\"*\" must stand alone in its token"),
                Arguments.of("a>", "\">\" must stand alone in its token, and be the last"),
                Arguments.of(">a", "\">\" must stand alone in its token, and be the last"),
                Arguments.of(">.a", "\">\" must stand alone in its token, and be the last"),
                Arguments.of("a.>.b", "\">\" must stand alone in its token, and be the last"),
                Arguments.of("a.>*", "\">\" must stand alone in its token, and be the last"),
                Arguments.of("a.>.", "\">\" must stand alone in its token, and be the last"),
                Arguments.of("*.", "it ends with a dot"),
                Arguments.of("*..a", "it has two dots in a row"),
                Arguments.of(".*", "it starts with a dot"),
                Arguments.of("a.* b", "\"*\" must stand alone in its token"));
    }

    @ParameterizedTest
    @MethodSource
    void noFilters(String filter, String problem) {
        assertThatThrownBy(() -> KvNames.checkFilter(filter))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessage("Invalid key \"" + filter + "\": " + problem);
    }
}
