package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvOperation;
import io.natskv.quickstart.MirrorModel.Change;
import io.natskv.quickstart.MirrorModel.Snapshot;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveViewTest {
    private final LiveView view = new LiveView("world", "kv.world", "world-copy");

    private static Snapshot snapshot(Change... changes) {
        return new Snapshot(1_021, 13_201, 13_190, 812, 1_020, 13_188, 11, 38, List.of(changes));
    }

    @Test
    void showsBothSidesTheLagAndTheLastChanges() {
        List<String> block = view.block(
                snapshot(
                        new Change(13_200, KvOperation.DELETE, "zone.UTC", "", 41),
                        new Change(13_201, KvOperation.PUT, "currency.EUR", "{\"code\":\"EUR\"}", -1)),
                Duration.ofSeconds(75),
                120);

        assertThat(block.get(0)).startsWith("-- 01:15 ---");
        assertThat(block)
                .containsSequence(
                        "  bucket world       1,021 keys  revision 13,201",
                        "  topic  kv.world    13,190 records  812 a second",
                        "  bucket world-copy  1,020 keys  revision 13,188",
                        "  lag                11 revisions, 38 ms from bucket to bucket",
                        "last changes:",
                        "     13,200 DELETE      41 ms  zone.UTC ",
                        "     13,201 PUT    on its way  currency.EUR {\"code\":\"EUR\"}");
    }

    @Test
    void hasAlwaysTheSameHeightAndStaysWithinTheWidth() {
        Change wide = new Change(1, KvOperation.PUT, "k".repeat(300), "v", 1);
        for (int width : new int[] {1, 10, 40, 80, 200}) {
            for (Snapshot snapshot :
                    List.of(snapshot(), snapshot(wide), snapshot(wide, wide, wide, wide, wide, wide))) {
                assertThat(view.block(snapshot, Duration.ZERO, width))
                        .hasSize(12)
                        .allMatch(line -> line.length() <= width);
            }
        }
    }

    @Test
    void aValueCannotSteerTheTerminal() {
        Change change = new Change(1, KvOperation.PUT, "k", "a\u001b[2Jb\nc\u0007", 1);

        assertThat(view.block(snapshot(change), Duration.ZERO, 80))
                .noneMatch(line -> line.chars().anyMatch(Character::isISOControl));
    }

    @Test
    void oneLineForALog() {
        assertThat(view.line(snapshot(), Duration.ofMinutes(61)))
                .isEqualTo("61:00 world 1,021 keys revision 13,201 | kv.world 13,190 records 812/s"
                        + " | world-copy 1,020 keys revision 13,188 | lag 11 revisions, 38 ms from bucket to bucket");
    }

    @Test
    void knowsOneFromMany() {
        Snapshot one = new Snapshot(1, 1, 0, 0, 0, 0, 1, -1, List.of());

        assertThat(view.line(one, Duration.ZERO)).contains("world 1 key ").endsWith("lag 1 revision");
    }
}
