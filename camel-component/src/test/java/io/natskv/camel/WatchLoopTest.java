package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.watch.WatchEvent;
import org.junit.jupiter.api.Test;

class WatchLoopTest {
    /** Java 17 has no exhaustive switch over types: a new kind of event has to be added to {@link WatchLoop} and here. */
    @Test
    void everyKindOfEventIsHandled() {
        assertThat(WatchEvent.class.getPermittedSubclasses())
                .containsExactlyInAnyOrder(
                        WatchEvent.Change.class,
                        WatchEvent.SnapshotEnd.class,
                        WatchEvent.PositionLost.class,
                        WatchEvent.BucketDeleted.class,
                        WatchEvent.Unavailable.class,
                        WatchEvent.Available.class);
    }
}
