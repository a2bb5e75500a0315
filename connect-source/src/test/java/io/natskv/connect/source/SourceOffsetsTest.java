package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchPosition.Anchor;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SourceOffsetsTest {
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = Instant.parse("2026-02-01T00:00:00.123456789Z");
    private static final Map<String, String> PARTITION = SourceOffsets.partition(Assignment.of("b", ">"));

    static Stream<WatchPosition> positions() {
        return Stream.of(
                new WatchPosition(FIRST, 0, 0, false, List.of()),
                new WatchPosition(
                        LATER, 42, 0, false, List.of(new Anchor(41, "a.b", FIRST), new Anchor(42, "c/d=_-", LATER))),
                new WatchPosition(LATER, 42, 99, false, List.of(new Anchor(42, "a", LATER))),
                new WatchPosition(LATER, 42, 99, true, List.of()),
                new WatchPosition(null, Long.MAX_VALUE, 0, false, List.of()));
    }

    @ParameterizedTest
    @MethodSource("positions")
    void survivesBeingStored(WatchPosition position) {
        assertThat(SourceOffsets.decode(PARTITION, StoredOffsets.roundTrip(SourceOffsets.encode(position))))
                .isEqualTo(position);
    }

    @Test
    void theStoredFormIsFixed() {
        assertThat(SourceOffsets.encode(new WatchPosition(
                        FIRST, 42, 99, false, List.of(new Anchor(41, "a", FIRST), new Anchor(42, "b", LATER)))))
                .isEqualTo(Map.of(
                        "revision",
                        42L,
                        "created",
                        "2026-01-01T00:00:00Z",
                        "anchors",
                        "41@2026-01-01T00:00:00Z@a 42@2026-02-01T00:00:00.123456789Z@b",
                        "snapshot.end",
                        99L,
                        "snapshot.history",
                        false));
        // In this order, too: the worker finds an offset by the bytes of its partition's JSON.
        assertThat(SourceOffsets.partition(Assignment.of("orders", "eu.>")))
                .containsExactly(Map.entry("bucket", "orders"), Map.entry("filter", "eu.>"));
    }

    @Test
    void anOffsetSetByHandNeedsTheRevisionAlone() {
        assertThat(SourceOffsets.decode(PARTITION, Map.of("revision", 7)))
                .isEqualTo(new WatchPosition(null, 7, 0, false, List.of()));
    }

    static Stream<Map<String, ?>> garbage() {
        return Stream.of(
                Map.of(),
                Map.of("revision", "7"),
                Map.of("revision", -1L),
                Map.of("revision", 1.5),
                Map.of("revision", 1L, "created", "yesterday"),
                Map.of("revision", 1L, "created", 5L),
                Map.of("revision", 1L, "snapshot.end", "x"),
                Map.of("revision", 1L, "anchors", "x"),
                Map.of("revision", 1L, "anchors", "1@x@y"),
                Map.of("revision", 1L, "anchors", "x@2026-01-01T00:00:00Z@y"),
                Map.of("revision", 1L, "anchors", 3L));
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void garbageIsRefusedWithAdvice(Map<String, ?> offset) {
        assertThatThrownBy(() -> SourceOffsets.decode(PARTITION, offset))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining(PARTITION.toString())
                .hasMessageContaining("REST API");
        assertThatThrownBy(() -> SourceOffsets.check(PARTITION, offset)).isInstanceOf(ConnectException.class);
    }

    @Test
    void anyOffsetMayBeReset() {
        assertThatCode(() -> SourceOffsets.check(Map.of("garbage", 1L), null)).doesNotThrowAnyException();
        assertThatCode(() -> SourceOffsets.check(PARTITION, Map.of("revision", 5L)))
                .doesNotThrowAnyException();
    }

    /** What Connect lists can be given back to it. */
    @Test
    void aNoteMayBeSetAsItWasStored() {
        Map<String, Object> place = partition("bucket", "b", "filter", "#7");
        assertThatCode(() -> SourceOffsets.check(place, Map.of("of", "a.>", "after", "4@0", "revision", 5L)))
                .doesNotThrowAnyException();
        List<Map<String, ?>> malformed =
                List.of(Map.of("revision", 5L), Map.of("of", "a.>"), Map.of("of", "a..b", "revision", 5L));
        malformed.forEach(offset -> assertThatThrownBy(() -> SourceOffsets.check(place, offset))
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("#7"));
    }

    @Test
    void anOffsetIsSetForAPartitionOfOursOnly() {
        List<Map<String, ?>> malformed = List.of(
                Map.of(),
                Map.of("bucket", "b"),
                partition("bucket", "b", "filter", 3L),
                partition("bucket", "a.b", "filter", ">"),
                partition("bucket", "b", "filter", "a..b"));
        malformed.forEach(partition -> assertThatThrownBy(() -> SourceOffsets.check(partition, Map.of("revision", 5L)))
                .isInstanceOf(ConnectException.class));
    }

    @Test
    void anOffsetThatWouldNeverBeFoundIsRefused() {
        List<Map<String, ?>> neverFound = List.of(
                partition("filter", ">", "bucket", "b"),
                partition("bucket", "b", "filter", ">", "comment", "x"),
                partition("comment", "x", "bucket", "b", "filter", ">"));
        neverFound.forEach(partition -> {
            assertThatThrownBy(() -> SourceOffsets.check(partition, Map.of("revision", 5L)))
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining("order")
                    .hasMessageContaining(partition.toString());
            assertThatCode(() -> SourceOffsets.check(partition, null))
                    .as("a reset of it")
                    .doesNotThrowAnyException();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "'>', '>'",
        "a, 'a > *'",
        "a.>, 'a.> > *.>'",
        "*, '* >'",
        "a.b, 'a.b > a.> *.> a.* *.b *.*'",
        "a.*.c, 'a.*.c > a.> *.> a.*.> *.*.> a.*.* *.*.c *.*.*'"
    })
    void findsTheFiltersThatCover(String filter, String covering) {
        assertThat(SourceOffsets.covering(new KeyFilter(filter)))
                .extracting(KeyFilter::pattern)
                .startsWith(filter)
                .containsExactlyInAnyOrder(covering.split(" "));
    }

    @Test
    void whatCoversSelectsAllKeysOfTheFilter() {
        long seed = System.nanoTime();
        System.out.println("whatCoversSelectsAllKeysOfTheFilter seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            KeyFilter filter = new KeyFilter(randomName(random, true));
            String key = randomName(random, false);
            for (KeyFilter wider : SourceOffsets.covering(filter)) {
                assertThat(!filter.matches(key) || wider.matches(key))
                        .as("%s covers %s, key %s", wider, filter, key)
                        .isTrue();
            }
        }
    }

    @Test
    void aVeryLongFilterIsNotExpandedForEver() {
        String filter = "a.".repeat(40) + "b";
        assertThat(SourceOffsets.covering(new KeyFilter(filter))).hasSize(42);
    }

    @Test
    void choosesTheFurthestOfTheYoungestIncarnation() {
        KeyFilter filter = new KeyFilter("a.x");
        Map<KeyFilter, SourceOffsets.Stored> stored = new HashMap<>();
        assertThat(SourceOffsets.choose(filter, stored)).isEmpty();
        stored.put(KeyFilter.ALL, stored(FIRST, 900, 0));
        stored.put(new KeyFilter("a.>"), stored(LATER, 50, 0));
        assertThat(SourceOffsets.choose(filter, stored)).hasValue(chosen("a.>", LATER, 50, 0));
        stored.put(new KeyFilter("*.x"), stored(LATER, 60, 0));
        stored.put(filter, stored(LATER, 55, 0));
        assertThat(SourceOffsets.choose(filter, stored)).hasValue(chosen("*.x", LATER, 60, 0));
        stored.put(filter, stored(FIRST, 55, 1));
        assertThat(SourceOffsets.choose(filter, stored))
                .as("after the loss of a position")
                .hasValue(chosen("a.x", FIRST, 55, 1));
        stored.put(filter, stored(null, 3, 0));
        assertThat(SourceOffsets.choose(filter, stored)).as("set by hand").hasValue(chosen("a.x", null, 3, 0));
    }

    private static Map.Entry<KeyFilter, SourceOffsets.Stored> chosen(
            String filter, Instant created, long revision, long generation) {
        return Map.entry(new KeyFilter(filter), stored(created, revision, generation));
    }

    private static SourceOffsets.Stored stored(Instant created, long revision, long generation) {
        return new SourceOffsets.Stored(position(created, revision), OffsetMarks.NONE.withGeneration(generation));
    }

    private static Map<String, Object> partition(Object... keysAndValues) {
        Map<String, Object> partition = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            partition.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return partition;
    }

    private static WatchPosition position(Instant created, long revision) {
        return new WatchPosition(created, revision, 0, false, List.of());
    }

    private static String randomName(Random random, boolean filter) {
        StringBuilder name = new StringBuilder();
        int tokens = 1 + random.nextInt(4);
        for (int i = 0; i < tokens; i++) {
            boolean last = i == tokens - 1;
            String token = filter && last && random.nextInt(3) == 0
                    ? ">"
                    : filter && random.nextInt(4) == 0 ? "*" : "" + (char) ('a' + random.nextInt(2));
            name.append(i == 0 ? "" : ".").append(token);
        }
        return name.toString();
    }
}
