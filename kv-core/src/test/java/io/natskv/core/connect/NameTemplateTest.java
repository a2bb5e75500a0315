package io.natskv.core.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NameTemplateTest {
    private static final Set<String> VARIABLES = Set.of("bucket", "key");
    private static final Map<String, String> VALUES = Map.of("bucket", "orders", "key", "eu.de.17");

    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "kv.${bucket}, kv.orders",
        "${bucket}-${key[0]}, orders-eu",
        "${key[2]}.${key[1]}, 17.de",
        "${key}, eu.de.17",
        "$bucket {x}, $bucket {x}",
        "a${bucket}b${bucket}c, aordersbordersc"
    })
    void renders(String template, String name) {
        assertThat(NameTemplate.parse(template, VARIABLES).render(VALUES::get)).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({"plain, 0", "${bucket}, 0", "${key}, 1", "${key[0]}, 1", "${key[2]}-${key[1]}, 3"})
    void knowsHowManyTokensItNeeds(String template, int tokens) {
        assertThat(NameTemplate.parse(template, VARIABLES).tokensOf("key")).isEqualTo(tokens);
    }

    @ParameterizedTest
    @CsvSource({
        "'', must not be empty",
        "' ', must not be empty",
        "${topic}, '${bucket}, ${key}'",
        "${bucket, '${bucket'",
        "x${}, Malformed",
        "${key[}, Malformed",
        "${key[-1]}, Malformed",
        "${key[99999]}, Malformed",
        "${Bucket}, Malformed"
    })
    void refuses(String template, String message) {
        assertThatThrownBy(() -> NameTemplate.parse(template, VARIABLES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void saysWhichTokenIsMissing() {
        NameTemplate template = NameTemplate.parse("${key[3]}", VARIABLES);
        assertThatThrownBy(() -> template.render(VALUES::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Template \"${key[3]}\" needs token 3 of key \"eu.de.17\", which has 3");
    }

    @Test
    void knowsOnWhatItDepends() {
        NameTemplate template = NameTemplate.parse("x-${key[0]}", VARIABLES);
        assertThat(template.uses("key")).isTrue();
        assertThat(template.uses("bucket")).isFalse();
        assertThat(template.isConstant()).isFalse();
        assertThat(NameTemplate.parse("x", VARIABLES).isConstant()).isTrue();
    }

    @Test
    void validatesASetting() {
        ConfigDef.Validator validator = NameTemplate.validator(VARIABLES);
        assertThatCode(() -> validator.ensureValid("t", null)).doesNotThrowAnyException();
        assertThatCode(() -> validator.ensureValid("t", "${key}")).doesNotThrowAnyException();
        assertThatThrownBy(() -> validator.ensureValid("t", "${x}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("Invalid value ${x} for configuration t");
        assertThat(validator).hasToString("text with the variables ${bucket}, ${key}");
    }
}
