package io.natskv.connect.source.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

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
            assertThat(table.contains("k" + i)).isEqualTo(!removed);
            boolean moved = i % 2 == 0;
            if (!removed) {
                places.computeIfAbsent(moved ? i % 3 : 0, partition -> new TreeSet<>())
                        .add(moved ? (1L << 40) + i : i);
                assertThat(table.mayHold("k" + i, moved ? i + 2 : i + 1, CREATED))
                        .isTrue();
                assertThat(table.mayHold("k" + i, moved ? i + 1 : i + 2, CREATED))
                        .isFalse();
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
    void comparesAsFarAsTheRecordTells() {
        table.put("nothing", 0, 0, TopicTable.UNKNOWN, CREATED.toEpochMilli());
        assertThat(table.mayHold("nothing", 7, CREATED)).isTrue();
        table.put("revision", 0, 1, 7, TopicTable.UNKNOWN);
        assertThat(table.mayHold("revision", 7, Instant.EPOCH)).isTrue();
        assertThat(table.mayHold("revision", 8, CREATED)).isFalse();
        table.put("both", 0, 2, 7, CREATED.toEpochMilli());
        assertThat(table.mayHold("both", 7, CREATED)).isTrue();
        assertThat(table.mayHold("both", 7, CREATED.plusMillis(1)))
                .as("the same revision of a bucket that was made anew")
                .isFalse();
    }
}
