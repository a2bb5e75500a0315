package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.natskv.core.key.KvNames;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeederTest {
    private final Map<String, ObjectNode> data = Seeder.data();

    @Test
    void everyKeyIsLegal() {
        assertThat(data.keySet()).allSatisfy(KvNames::checkKey).hasSizeGreaterThan(800);
    }

    @Test
    void carriesWhatTheJdkKnows() {
        assertThat(data.get("currency.EUR").get("name").asText()).isEqualTo("Euro");
        assertThat(data.get("country.FR").get("currency").asText()).isEqualTo("EUR");
        assertThat(data.get("country.CH").get("languages")).hasSizeGreaterThan(2);
        assertThat(data.get("zone.Europe.Paris").get("daylight_saving").asBoolean())
                .isTrue();
        assertThat(new String(Seeder.bytes(data.get("currency.JPY")), StandardCharsets.UTF_8))
                .isEqualTo("{\"code\":\"JPY\",\"number\":\"392\",\"name\":\"Japanese Yen\",\"digits\":0}");
    }
}
