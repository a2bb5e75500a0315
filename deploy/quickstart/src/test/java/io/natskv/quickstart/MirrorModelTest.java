package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.quickstart.MirrorModel.Change;
import io.natskv.quickstart.MirrorModel.Snapshot;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MirrorModelTest {
    private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

    private long nanos;
    private final MirrorModel model = new MirrorModel(() -> nanos);

    private static KvEntry entry(String key, KvOperation operation, String value, long revision, long millis) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        return new KvEntry("b", key, bytes, revision, T0.plusMillis(millis), 0, operation, null);
    }

    private static KvEntry put(String key, String value, long revision, long millis) {
        return entry(key, KvOperation.PUT, value, revision, millis);
    }

    @Test
    void aChangeIsOnItsWayUntilTheCopyShowsIt() {
        model.sourceChanged(put("k", "v1", 5, 0));
        assertThat(model.snapshot().lagRevisions()).isEqualTo(1);
        assertThat(model.snapshot().lagMillis()).isEqualTo(-1);
        assertThat(model.mirroredUpTo(5)).isFalse();

        model.copyChanged(put("k", "v1", 1, 40));

        Snapshot now = model.snapshot();
        assertThat(now.lagRevisions()).isZero();
        assertThat(now.lagMillis()).isEqualTo(40);
        assertThat(now.recent()).containsExactly(new Change(5, KvOperation.PUT, "k", "v1", 40));
        assertThat(model.mirroredUpTo(5)).isTrue();
        assertThat(model.mirroredUpTo(6)).isFalse();
    }

    @Test
    void theCopyMayBeSeenFirst() {
        model.copyChanged(put("k", "v1", 1, 40));
        model.sourceChanged(put("k", "v1", 5, 0));

        assertThat(model.snapshot().lagRevisions()).isZero();
        assertThat(model.snapshot().recent()).extracting(Change::millis).containsExactly(40L);
    }

    @Test
    void anEarlierEqualStateIsNoArrival() {
        model.sourceChanged(entry("k", KvOperation.DELETE, "", 1, 0));
        model.copyChanged(entry("k", KvOperation.DELETE, "", 1, 10));
        model.sourceChanged(put("k", "v", 2, 20));
        model.sourceChanged(entry("k", KvOperation.DELETE, "", 3, 30));

        assertThat(model.snapshot().lagRevisions()).isEqualTo(2);
    }

    @Test
    void aLaterChangeSettlesThoseOfItsKeyBeforeIt() {
        model.sourceChanged(put("k", "v1", 1, 0));
        model.sourceChanged(put("other", "x", 2, 0));
        model.sourceChanged(put("k", "v2", 3, 0));

        model.copyChanged(put("k", "v2", 1, 9));

        assertThat(model.snapshot().lagRevisions()).isEqualTo(1);
        assertThat(model.mirroredUpTo(3)).isFalse();
    }

    @Test
    void aRepeatedOldValueInTheCopyChangesNothing() {
        model.sourceChanged(put("k", "v1", 1, 0));
        model.copyChanged(put("k", "v1", 1, 5));
        model.sourceChanged(put("k", "v2", 2, 10));
        model.copyChanged(put("k", "v1", 2, 12));

        assertThat(model.snapshot().lagRevisions()).isEqualTo(1);
    }

    @Test
    void countsKeysWithAValue() {
        model.sourceChanged(put("a", "1", 1, 0));
        model.sourceChanged(put("b", "", 2, 0));
        model.sourceChanged(put("b", "2", 3, 0));
        model.sourceChanged(entry("a", KvOperation.DELETE, "", 4, 0));
        model.sourceChanged(entry("a", KvOperation.PURGE, "", 5, 0));
        model.copyChanged(put("a", "1", 1, 0));

        assertThat(model.snapshot().sourceKeys()).isEqualTo(1);
        assertThat(model.snapshot().sourceRevision()).isEqualTo(5);
        assertThat(model.snapshot().copyKeys()).isEqualTo(1);
        assertThat(model.snapshot().copyRevision()).isEqualTo(1);
    }

    @Test
    void theRateIsThatOfTheLastThreeSeconds() {
        assertThat(model.snapshot().recordsPerSecond()).isZero();
        for (int second = 1; second <= 10; second++) {
            for (int i = 0; i < second * 10; i++) {
                model.recordArrived();
            }
            nanos = second * 1_000_000_000L;
            if (second < 10) {
                model.snapshot();
            }
        }

        assertThat(model.snapshot().records()).isEqualTo(550);
        assertThat(model.snapshot().recordsPerSecond()).isEqualTo((80 + 90 + 100) / 3);
    }

    @Test
    void keepsTheLastChangesInOrder() {
        for (int i = 1; i <= 10; i++) {
            model.sourceChanged(put("k" + i, "v", i, 0));
        }
        model.copyChanged(put("k7", "v", 1, 3));

        assertThat(model.snapshot().recent()).extracting(Change::revision).containsExactly(5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(model.snapshot().recent()).extracting(Change::millis).containsExactly(-1L, -1L, 3L, -1L, -1L, -1L);
    }

    @Test
    void idleTimeStartsAnewWithEveryEvent() {
        nanos = 100;
        assertThat(model.idleNanos()).isEqualTo(100);
        model.recordArrived();
        assertThat(model.idleNanos()).isZero();
    }
}
