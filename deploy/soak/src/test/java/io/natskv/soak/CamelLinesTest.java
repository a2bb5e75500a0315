package io.natskv.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.soak.model.Operation;
import io.natskv.soak.model.Seen;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CamelLinesTest {
    @Test
    void aStartTellsThePosition() {
        assertThat(CamelProcess.parse("start none")).isEqualTo(new Seen.Start(null, 0));
        assertThat(CamelProcess.parse("start 1|2026-01-01T00:00:00Z|17|0|true|16,2026-01-01T00:00:01Z,k.1"))
                .isEqualTo(new Seen.Start(Instant.parse("2026-01-01T00:00:00Z"), 17));
    }

    @Test
    void aChange() {
        assertThat(CamelProcess.parse("change 5 2026-01-01T00:00:00.123456789Z k.1.2 DELETE -1 2026-01-01T00:00:01Z"))
                .isEqualTo(new Seen.Delivered(
                        5,
                        Instant.parse("2026-01-01T00:00:00.123456789Z"),
                        "k.1.2",
                        Operation.DELETE,
                        -1,
                        Instant.parse("2026-01-01T00:00:01Z")));
    }
}
