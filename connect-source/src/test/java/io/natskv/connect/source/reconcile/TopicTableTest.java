package io.natskv.connect.source.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.connect.source.reconcile.TopicTable.Held;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TopicTableTest {
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00.123456789Z");

    private final TopicTable table = new TopicTable();

    @Test
    void knowsTheLastRecordOfEachKey() {
        Map<Integer, TreeSet<Long>> places = new TreeMap<>();
        for (int i = 0; i < 10_000; i++) {
            table.put("k" + i, 0, i, i + 1, CREATED.toEpochMilli());
        }
        for (int i = 0; i < 10_000; i += 2) {
            table.put("k" + i, i % 3, (1L << 40) + i, i + 2, CREATED.toEpochMilli());
        }
        for (int i = 0; i < 10_000; i += 5) {
            table.remove("k" + i);
        }
        for (int i = 0; i < 10_000; i++) {
            boolean removed = i % 5 == 0;
            boolean moved = i % 2 == 0;
            if (!removed) {
                places.computeIfAbsent(moved ? i % 3 : 0, partition -> new TreeSet<>())
                        .add(moved ? (1L << 40) + i : i);
            }
        }
        assertThat(table.size()).isEqualTo(8_000);
        Map<Integer, TreeSet<Long>> taken = new TreeMap<>();
        table.takePlaces().forEach((partition, offsets) -> {
            assertThat(offsets).isSorted();
            TreeSet<Long> set = new TreeSet<>();
            for (long offset : offsets) {
                set.add(offset);
            }
            taken.put(partition, set);
        });
        assertThat(taken).isEqualTo(places);
        assertThat(table.size()).isZero();
    }

    @Test
    void whatIsFoundIsKnownStillButNotTaken() {
        for (int i = 0; i < 10_000; i++) {
            table.put("k" + i, 0, i, i + 1, CREATED.toEpochMilli());
        }
        for (int i = 0; i < 10_000; i += 2) {
            table.remove("k" + i);
        }
        for (int i = 0; i < 10_000; i++) {
            Held held = table.found("k" + i);
            boolean removed = i % 2 == 0;
            assertThat(held.value()).isEqualTo(!removed);
            assertThat(held.is(entry(i + 1, CREATED))).isEqualTo(!removed);
            assertThat(held.mayBe(entry(i + 2, CREATED))).isFalse();
            assertThat(table.found("k" + i)).isEqualTo(held);
        }
        table.notFound("k2");
        table.notFound("k3");
        table.notFound("k3");
        table.notFound("k5");
        table.found("k5");
        assertThat(table.takePlaces())
                .containsOnlyKeys(0)
                .hasEntrySatisfying(0, offsets -> assertThat(offsets).containsExactly(3));
    }

    @Test
    void comparesAsFarAsTheRecordTells() {
        Held nothing = put(TopicTable.UNKNOWN, CREATED.toEpochMilli());
        assertThat(nothing.mayBe(entry(7, CREATED))).isTrue();
        assertThat(nothing.is(entry(7, CREATED))).isFalse();
        Held revision = put(7, TopicTable.UNKNOWN);
        assertThat(revision.is(entry(7, Instant.EPOCH))).isTrue();
        assertThat(revision.mayBe(entry(8, CREATED))).isFalse();
        Held both = put(7, CREATED.toEpochMilli());
        assertThat(both.is(entry(7, CREATED))).isTrue();
        assertThat(both.mayBe(entry(7, CREATED))).isTrue();
        assertThat(both.mayBe(entry(7, CREATED.plusMillis(1))))
                .as("the same revision of a bucket that was made anew")
                .isFalse();
    }

    /** What is known of a record, whether it is found in the table or read again. */
    private Held put(long revision, long created) {
        table.put("k", 0, 0, revision, created);
        Held held = table.found("k");
        assertThat(held).isEqualTo(Held.valueOf(revision, created));
        return held;
    }

    private static KvEntry entry(long revision, Instant created) {
        return new KvEntry("b", "k", null, revision, created, 0, KvOperation.PUT, null);
    }
}
