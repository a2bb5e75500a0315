package io.natskv.connect.sink.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.connect.sink.delivery.PartitionWatermarks.Tracked;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class PartitionWatermarksTest {
    private static final TopicPartition P = new TopicPartition("t", 0);
    private static final TopicPartition Q = new TopicPartition("t", 1);

    private final PartitionWatermarks watermarks = new PartitionWatermarks();

    @Test
    void aGapHoldsTheWatermark() {
        Tracked first = watermarks.track(P, 10);
        Tracked second = watermarks.track(P, 12);
        Tracked third = watermarks.track(P, 13);
        watermarks.done(third);
        watermarks.done(second);
        assertThat(committable(P, 14)).isEqualTo(10);
        watermarks.done(first);
        assertThat(committable(P, 14)).isEqualTo(14);
    }

    @Test
    void whatNeverCameWasFilteredAndIsDone() {
        assertThat(committable(P, 99)).isEqualTo(99);
        Tracked only = watermarks.track(P, 99);
        assertThat(committable(P, 150)).isEqualTo(99);
        watermarks.done(only);
        assertThat(committable(P, 150)).isEqualTo(150);
    }

    @Test
    void partitionsDoNotHoldEachOther() {
        watermarks.track(P, 5);
        watermarks.done(watermarks.track(Q, 7));
        assertThat(watermarks.committable(Map.of(P, new OffsetAndMetadata(6), Q, new OffsetAndMetadata(8))))
                .isEqualTo(Map.of(P, new OffsetAndMetadata(5), Q, new OffsetAndMetadata(8)));
        assertThat(watermarks.committable(Map.of(Q, new OffsetAndMetadata(8)))).containsOnlyKeys(Q);
    }

    @Test
    void aRewindHoldsUntilTheRecordsComeAgain() {
        watermarks.done(watermarks.track(P, 0));
        Tracked failed = watermarks.track(P, 1);
        Tracked late = watermarks.track(P, 2);
        watermarks.done(watermarks.track(Q, 0));
        assertThat(watermarks.rewind()).isEqualTo(Map.of(P, 1L));
        assertThat(failed.isDropped()).isTrue();
        assertThat(committable(P, 3)).as("before the worker went back").isEqualTo(1);
        watermarks.done(late);
        watermarks.done(failed);
        assertThat(committable(P, 3)).isEqualTo(1);
        Tracked again = watermarks.track(P, 1);
        assertThat(committable(P, 2)).isEqualTo(1);
        watermarks.done(again);
        assertThat(committable(P, 2)).isEqualTo(2);
    }

    @Test
    void aPartitionThatIsGoneHoldsNothing() {
        Tracked open = watermarks.track(P, 3);
        watermarks.forget(Set.of(P, Q));
        assertThat(open.isDropped()).isTrue();
        watermarks.done(open);
        assertThat(watermarks.rewind()).isEmpty();
        assertThat(committable(P, 1)).as("given back at an earlier offset").isEqualTo(1);
    }

    /** Against a model that keeps the set of open offsets. */
    @RepeatedTest(20)
    void agreesWithAModelInAnyOrderOfCompletion() {
        long seed = System.nanoTime();
        System.out.println("agreesWithAModelInAnyOrderOfCompletion seed=" + seed);
        Random random = new Random(seed);
        List<TopicPartition> partitions = List.of(P, Q, new TopicPartition("u", 0));
        Map<TopicPartition, Long> next = new HashMap<>();
        Map<TopicPartition, TreeMap<Long, Tracked>> open = new HashMap<>();
        Set<TopicPartition> rewound = new HashSet<>();
        partitions.forEach(partition -> {
            next.put(partition, 0L);
            open.put(partition, new TreeMap<>());
        });
        for (int step = 0; step < 3_000; step++) {
            TopicPartition partition = partitions.get(random.nextInt(partitions.size()));
            TreeMap<Long, Tracked> here = open.get(partition);
            switch (random.nextInt(20)) {
                case 0 -> {
                    Map<TopicPartition, Long> expected = new HashMap<>();
                    open.forEach((each, tracked) -> {
                        if (!tracked.isEmpty()) {
                            expected.put(each, tracked.firstKey());
                            next.put(each, tracked.firstKey());
                            tracked.clear();
                            rewound.add(each);
                        }
                    });
                    assertThat(watermarks.rewind()).isEqualTo(expected);
                }
                case 1 -> {
                    watermarks.forget(Set.of(partition));
                    here.clear();
                    rewound.remove(partition);
                }
                case 2, 3, 4, 5, 6, 7, 8, 9, 10 -> {
                    long offset = next.get(partition) + (rewound.remove(partition) ? 0 : random.nextInt(3));
                    here.put(offset, watermarks.track(partition, offset));
                    next.put(partition, offset + 1);
                }
                default -> {
                    if (!here.isEmpty()) {
                        List<Long> offsets = new ArrayList<>(here.keySet());
                        watermarks.done(here.remove(offsets.get(random.nextInt(offsets.size()))));
                    }
                }
            }
            for (TopicPartition each : partitions) {
                long expected = open.get(each).isEmpty()
                        ? next.get(each)
                        : open.get(each).firstKey();
                assertThat(committable(each, next.get(each)))
                        .as("%s at step %d", each, step)
                        .isEqualTo(expected);
            }
        }
    }

    private long committable(TopicPartition partition, long current) {
        return watermarks
                .committable(Map.of(partition, new OffsetAndMetadata(current)))
                .get(partition)
                .offset();
    }
}
