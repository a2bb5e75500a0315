package io.natskv.core.write;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AckWatermarkTest {
    @Test
    void movesOverWhatSucceededWithoutAGapInWhateverOrder() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            long start = random.nextInt(100);
            AckWatermark watermark = new AckWatermark(start);
            assertThat(watermark.mark()).isEqualTo(start);
            TreeMap<Long, CompletableFuture<String>> results = new TreeMap<>();
            long position = start;
            for (int i = 0; i < 30; i++) {
                CompletableFuture<String> result = new CompletableFuture<>();
                results.put(position, result);
                watermark.track(position, result);
                position += 1 + random.nextInt(3); // offsets have gaps
            }
            List<Map.Entry<Long, CompletableFuture<String>>> order = new ArrayList<>(results.entrySet());
            Collections.shuffle(order, random);
            long failed = random.nextInt(4) == 0 ? order.get(0).getKey() : -1;
            for (Map.Entry<Long, CompletableFuture<String>> settled : order) {
                if (settled.getKey() == failed) {
                    settled.getValue().completeExceptionally(new IllegalStateException("no"));
                } else {
                    settled.getValue().complete("done");
                }
                long expected = results.entrySet().stream()
                        .filter(entry ->
                                !entry.getValue().isDone() || entry.getValue().isCompletedExceptionally())
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElse(results.lastKey() + 1);
                assertThat(watermark.mark()).as("seed %d", seed).isEqualTo(expected);
            }
            if (failed >= 0) {
                assertThat(watermark.mark()).isEqualTo(failed);
                assertThat(watermark.failure())
                        .hasValueSatisfying(e -> assertThat(e).hasMessage("no"));
            } else {
                assertThat(watermark.pending()).isZero();
                assertThat(watermark.failure()).isEmpty();
            }
        }
    }

    @Test
    void positionsGoForward() {
        AckWatermark watermark = new AckWatermark(5);
        watermark.track(5, new CompletableFuture<>());
        assertThatThrownBy(() -> watermark.track(5, new CompletableFuture<>()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5");
    }
}
