package io.natskv.connect.sink.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class IdleSettingsTest {
    @Test
    void everySettingThatDoesNothingIsTold() {
        assertThat(IdleSettings.of(Set.of("name", "delivery", "ack.timeout.ms")))
                .isEmpty();
        assertThat(IdleSettings.of(
                        Set.of("max.in.flight", "max.in.flight.bytes", "coalesce", "guard", "on.conflict", "name")))
                .hasSize(5)
                .allMatch(text -> text.contains("at_least_once"));
    }
}
