package io.natskv.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.Seed;
import io.natskv.core.error.InvalidKeyException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyCodecTest {
    private static final int ROUNDS = 20_000;
    private static final int[] ALPHABET = "ab09 ./\\*>$_-=+%\"'\t\n\0\u007f\u00e9\u4e2d\u202e\ud83d\ude00\ufffd"
            .codePoints()
            .toArray();

    private static String text(Random random, int most) {
        return IntStream.range(0, 1 + random.nextInt(most))
                .mapToObj(i -> Character.toString(ALPHABET[random.nextInt(ALPHABET.length)]))
                .collect(Collectors.joining());
    }

    private static String path(Random random) {
        String tokens = IntStream.range(0, 1 + random.nextInt(4))
                .mapToObj(i -> List.of("a", "b", "_root", "root_", "x-1", "=", "_", "0")
                        .get(random.nextInt(8)))
                .collect(Collectors.joining("/"));
        return (random.nextBoolean() ? "/" : "") + tokens;
    }

    @Test
    void base64TakesAnyTextAndGivesItBack() {
        Random random = new Random(Seed.next());
        Map<String, String> keys = new HashMap<>();
        for (int i = 0; i < ROUNDS; i++) {
            String key = text(random, 12);
            String stored = KeyCodec.BASE64.encode(key);
            assertThat(KvNames.isValidKey(stored)).as(key).isTrue();
            assertThat(KeyCodec.BASE64.decode(stored)).isEqualTo(key);
            if (key.indexOf('*') < 0 && key.indexOf('>') < 0) {
                assertThat(KeyCodec.BASE64.encodeFilter(key)).isEqualTo(new KeyFilter(stored));
            }
            assertThat(keys.merge(stored, key, (one, other) -> one)).isEqualTo(key);
        }
    }

    /** The first row is ADR-54's own. */
    @ParameterizedTest
    @CsvSource({
        "Acme Inc.contact, QWNtZSBJbmMuY29udGFjdA==",
        "a, YQ==",
        "ab, YWI=",
        "abc, YWJj",
        "..., Li4u",
        "'>>>???', Pj4-Pz8_",
        "\u4e2d\ud83d\ude00, 5Lit8J-YgA=="
    })
    void base64IsUrlSafeAndPadded(String key, String stored) {
        assertThat(KeyCodec.BASE64.encode(key)).isEqualTo(stored);
        assertThat(KeyCodec.BASE64.decode(stored)).isEqualTo(key);
        assertThat(KeyCodec.BASE64.toString()).isEqualTo("base64");
    }

    @Test
    void base64RefusesWhatWouldNotComeBack() {
        assertThatThrownBy(() -> KeyCodec.BASE64.encode("")).isInstanceOf(InvalidKeyException.class);
        for (String half : List.of("\ud83d", "a\ude00", "\ude00\ud83d")) {
            assertThatThrownBy(() -> KeyCodec.BASE64.encode(half))
                    .isInstanceOf(InvalidKeyException.class)
                    .hasMessageContaining("Unicode");
        }
        // 2,625 bytes make 3,500 characters.
        assertThat(KeyCodec.BASE64.encode("k".repeat(2_625))).hasSize(KvNames.MAX_KEY_LENGTH);
        assertThatThrownBy(() -> KeyCodec.BASE64.encode("k".repeat(2_626))).isInstanceOf(InvalidKeyException.class);
    }

    /** No padding, bits that do not count, no text, no Base64, a dot, plus and slash of the other alphabet. */
    @ParameterizedTest
    @ValueSource(strings = {"", "YQ", "YQ=", "YR==", "gICA", "a", "orders", "a.b", "Pj4+Pz8/", "YQ==YQ=="})
    void base64RefusesToDecodeWhatItDidNotMake(String stored) {
        assertThatThrownBy(() -> KeyCodec.BASE64.decode(stored)).isInstanceOf(InvalidKeyException.class);
    }

    @Test
    void base64SelectsAllOrOne() {
        assertThat(KeyCodec.BASE64.encodeFilter(">")).isEqualTo(KeyFilter.ALL);
        assertThat(KeyCodec.BASE64.encodeFilter("a b")).isEqualTo(new KeyFilter("YSBi"));
        for (String filter : List.of("a.*", "a.>", "*", ">>")) {
            assertThatThrownBy(() -> KeyCodec.BASE64.encodeFilter(filter))
                    .isInstanceOf(InvalidKeyException.class)
                    .hasMessageContaining("wildcards");
        }
    }

    @Test
    void pathsComeBackAsTheyWere() {
        Random random = new Random(Seed.next());
        Map<String, String> keys = new HashMap<>();
        for (int i = 0; i < ROUNDS; i++) {
            String key = path(random);
            String stored = KeyCodec.PATH.encode(key);
            assertThat(KvNames.isValidKey(stored)).as(key).isTrue();
            assertThat(stored).doesNotContain("/");
            assertThat(KeyCodec.PATH.decode(stored)).isEqualTo(key);
            assertThat(KeyCodec.PATH.encode(key + "/".repeat(random.nextInt(3))))
                    .isEqualTo(stored);
            assertThat(keys.merge(stored, key, (one, other) -> one)).isEqualTo(key);
        }
    }

    /** Whatever a path codec takes, it takes two texts for one key only if they differ in slashes at the end. */
    @Test
    void pathsRefuseWhatTheyCanNotTellApart() {
        Random random = new Random(Seed.next());
        Map<String, String> keys = new HashMap<>();
        int taken = 0;
        for (int i = 0; i < ROUNDS; i++) {
            String key = IntStream.range(0, 1 + random.nextInt(5))
                    .mapToObj(n -> List.of("/", ".", "_root_", "a", "b").get(random.nextInt(5)))
                    .collect(Collectors.joining());
            String stored;
            try {
                stored = KeyCodec.PATH.encode(key);
            } catch (InvalidKeyException e) {
                continue;
            }
            taken++;
            String trimmed = key.matches("/+") ? "/" : key.replaceAll("/+$", "");
            assertThat(KeyCodec.PATH.decode(stored)).as(stored).isEqualTo(trimmed);
            assertThat(keys.merge(stored, trimmed, (one, other) -> one)).isEqualTo(trimmed);
        }
        assertThat(taken).isPositive();
    }

    @ParameterizedTest
    @CsvSource({
        "/, _root_, /",
        "//, _root_, /",
        "/etc/hosts, _root_.etc.hosts, /etc/hosts",
        "user/profile/settings, user.profile.settings, user/profile/settings",
        "a/, a, a",
        "/a//, _root_.a, /a",
        "a/_root_, a._root_, a/_root_",
        "_rootless, _rootless, _rootless"
    })
    void pathsAreStoredAsTokens(String key, String stored, String back) {
        assertThat(KeyCodec.PATH.encode(key)).isEqualTo(stored);
        assertThat(KeyCodec.PATH.decode(stored)).isEqualTo(back);
        assertThat(KeyCodec.PATH.toString()).isEqualTo("path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.b", "a//b", "//a", "_root_", "_root_/a", "_root_/", "a b", "a/*", ">"})
    void pathsRefuseWhatWouldNotComeBack(String key) {
        assertThatThrownBy(() -> KeyCodec.PATH.encode(key)).isInstanceOf(InvalidKeyException.class);
    }

    /** A key with a slash is valid for NATS, but no path was stored under it. */
    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "_root_./", ".a", "a..b", "a b"})
    void pathsRefuseToDecodeWhatTheyDidNotMake(String stored) {
        assertThatThrownBy(() -> KeyCodec.PATH.decode(stored)).isInstanceOf(InvalidKeyException.class);
    }

    /** What the filter over stored keys selects is what the tokens of the paths say, a leading slash being a token. */
    @Test
    void pathFiltersSelectByToken() {
        Random random = new Random(Seed.next());
        int selected = 0;
        for (int i = 0; i < ROUNDS; i++) {
            String key = path(random);
            List<String> tokens = tokens(path(random));
            List<String> filter = new ArrayList<>(random.nextInt(3) == 0 ? tokens : tokens(key));
            for (int t = 0; t < filter.size(); t++) {
                if (random.nextInt(3) == 0) {
                    filter.set(t, "*");
                }
            }
            if (random.nextInt(4) == 0) {
                filter.set(filter.size() - 1, ">");
            }
            String written = String.join("/", filter);
            boolean matches = KeyCodec.PATH.encodeFilter(written).matches(KeyCodec.PATH.encode(key));
            assertThat(matches).as("%s selects %s", written, key).isEqualTo(selects(filter, tokens(key)));
            selected += matches ? 1 : 0;
        }
        assertThat(selected).isBetween(ROUNDS / 10, ROUNDS);
        assertThat(KeyCodec.PATH.encodeFilter(">")).isEqualTo(KeyFilter.ALL);
        assertThat(KeyCodec.PATH.encodeFilter("/etc/>").pattern()).isEqualTo("_root_.etc.>");
        for (String filter : List.of("a.*", "/>/a", "a*/b", "_root_/>", "")) {
            assertThatThrownBy(() -> KeyCodec.PATH.encodeFilter(filter)).isInstanceOf(InvalidKeyException.class);
        }
    }

    /** The empty token before a leading slash included. */
    private static List<String> tokens(String path) {
        return List.of(path.split("/"));
    }

    private static boolean selects(List<String> filter, List<String> tokens) {
        boolean open = filter.get(filter.size() - 1).equals(">");
        int fixed = open ? filter.size() - 1 : filter.size();
        return (open ? tokens.size() > fixed : tokens.size() == fixed)
                && IntStream.range(0, fixed)
                        .allMatch(
                                i -> filter.get(i).equals("*") || filter.get(i).equals(tokens.get(i)));
    }

    @Test
    void withoutACodecKeysAreCheckedOnly() {
        assertThat(KeyCodec.NONE.encode("a.b/c")).isEqualTo("a.b/c");
        assertThat(KeyCodec.NONE.decode("a.b/c")).isEqualTo("a.b/c");
        assertThat(KeyCodec.NONE.encodeFilter("a.*")).isEqualTo(new KeyFilter("a.*"));
        assertThat(KeyCodec.NONE.toString()).isEqualTo("none");
        Stream.of("", "a b", "a..b", "a.")
                .forEach(key ->
                        assertThatThrownBy(() -> KeyCodec.NONE.encode(key)).isInstanceOf(InvalidKeyException.class));
    }
}
