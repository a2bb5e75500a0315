package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvOperation;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final KeyState DELETED = new KeyState(KvOperation.DELETE, new byte[0]);
    private static final KeyState PURGED = new KeyState(KvOperation.PURGE, new byte[0]);

    private static KeyState put(int... bytes) {
        byte[] value = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            value[i] = (byte) bytes[i];
        }
        return new KeyState(KvOperation.PUT, value);
    }

    private static Map<String, KeyState> state() {
        return new HashMap<>(Map.of("a", put(1), "b", put(), "c", DELETED, "d", PURGED));
    }

    @Test
    void equalSidesAreTheSame() {
        Comparison comparison = Comparison.of(state(), state(), state());

        assertThat(comparison.same()).isTrue();
        assertThat(comparison.report(10_000, 10_020, 8.44))
                .containsExactly("MIRROR OK keys=2 changes=10000 records=10020 seconds=8.4");
    }

    @Test
    void anEmptyPutIsNoDelete() {
        Map<String, KeyState> copy = state();
        copy.put("b", DELETED);

        Comparison comparison = Comparison.of(state(), state(), copy);

        assertThat(comparison.same()).isFalse();
        assertThat(comparison.differences()).containsExactly(new Comparison.Difference("b", put(), put(), DELETED));
    }

    @Test
    void aDeleteIsNoPurge() {
        Map<String, KeyState> topic = state();
        topic.put("d", DELETED);

        assertThat(Comparison.of(state(), topic, state()).differences())
                .containsExactly(new Comparison.Difference("d", PURGED, DELETED, PURGED));
    }

    @Test
    void missingSurplusAndOtherValuesAreFoundOnEverySide() {
        Map<String, KeyState> source = state();
        Map<String, KeyState> topic = state();
        Map<String, KeyState> copy = state();
        source.remove("a");
        topic.put("e", put(7));
        copy.put("b", put(1));
        copy.remove("c");

        assertThat(Comparison.of(source, topic, copy).differences())
                .extracting(Comparison.Difference::key)
                .containsExactly("a", "b", "c", "e");
    }

    @Test
    void theReportShowsTheFirstTenDifferences() {
        Map<String, KeyState> source = new HashMap<>();
        for (int i = 10; i < 25; i++) {
            source.put("key" + i, put(i));
        }

        assertThat(Comparison.of(source, source, Map.of()).report(15, 15, 1))
                .hasSize(12)
                .startsWith("MIRROR DIFFERS keys=15 changes=15 records=15 seconds=1.0 differences=15")
                .endsWith("  and 5 more")
                .element(1)
                .asString()
                .startsWith("  key10: bucket PUT 1 bytes #")
                .endsWith(", copy -");
    }

    @Test
    void nothingAtAllIsNoMirror() {
        Comparison comparison = Comparison.of(Map.of(), Map.of(), Map.of());

        assertThat(comparison.same()).isFalse();
        assertThat(comparison.report(0, 0, 0)).element(1).asString().contains("empty");
    }
}
