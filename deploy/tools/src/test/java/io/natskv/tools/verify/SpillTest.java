package io.natskv.tools.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpillTest {
    @TempDir
    Path folder;

    @Test
    void theLastStateOfEachSideComesBackAndNothingIsLeftBehind() throws IOException {
        Map<String, State[]> found = new HashMap<>();
        try (Spill spill = new Spill(folder, 2)) {
            for (int i = 0; i < 5_000; i++) {
                spill.add(0, "key." + i, State.content(i, i, i));
            }
            spill.add(0, "key.7", State.absent(9_000, 9_000));
            spill.add(1, "key.8", State.content(8, State.UNKNOWN, TopicPlace.of(3, 17)));
            spill.add(1, "ß€\u0000", State.unreadable(1, 2, "no JSON"));
            spill.forEach((key, states) -> assertThat(found.put(key, states)).isNull());
        }
        assertThat(found).hasSize(5_001);
        assertThat(found.get("key.7")).containsExactly(State.absent(9_000, 9_000), State.NOTHING);
        assertThat(found.get("key.8"))
                .containsExactly(State.content(8, 8, 8), State.content(8, State.UNKNOWN, TopicPlace.of(3, 17)));
        assertThat(found.get("ß€\u0000")).containsExactly(State.NOTHING, State.unreadable(1, 2, "no JSON"));
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void aPlaceHoldsPartitionAndOffset() {
        long place = TopicPlace.of(12_345, 98_765_432_109L);
        assertThat(TopicPlace.text(place)).isEqualTo("partition 12345 offset 98765432109");
    }
}
