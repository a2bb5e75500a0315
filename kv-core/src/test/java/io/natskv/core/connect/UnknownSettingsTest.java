package io.natskv.core.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.connect.UnknownSettings.Unknown;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnknownSettingsTest {
    private static final Set<String> OWN = Set.of(
            "kv.buckets",
            "kv.key.filters",
            "nats.servers",
            "nats.username",
            "nats.password",
            "start.mode",
            "topic.template",
            "buffer.max.bytes",
            "buffer.max.entries");

    private final UnknownSettings source = UnknownSettings.ofSource(OWN);
    private final UnknownSettings sink = UnknownSettings.ofSink(OWN);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "name",
                "connector.class",
                "connector.plugin.version",
                "tasks.max",
                "kv.buckets",
                "key.converter",
                "value.converter.schemas.enable",
                "header.converter",
                "transforms",
                "transforms.route.type",
                "transforms.route.predicate",
                "predicates.isTombstone.type",
                "errors.tolerance",
                "topic.creation.default.partitions",
                "topic.creation.compacted.cleanup.policy",
                "exactly.once.support",
                "transaction.boundary.interval.ms",
                "offsets.storage.topic",
                "producer.override.linger.ms",
                "admin.override.security.protocol",
                "config.action.reload"
            })
    void knowsWhatConnectKnowsOfASource(String name) {
        assertThat(source.of(Map.of(name, "x"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "topics",
                "topics.regex",
                "errors.deadletterqueue.topic.name",
                "consumer.override.max.poll.records",
                "producer.override.linger.ms",
                "predicates"
            })
    void knowsWhatConnectKnowsOfASink(String name) {
        assertThat(sink.of(Map.of(name, "x"))).isEmpty();
    }

    @Test
    void aSettingOfTheOtherKindIsUnknown() {
        assertThat(source.of(Map.of("topics.regex", "x", "consumer.override.max.poll.records", "1")))
                .extracting(Unknown::name)
                .containsExactly("consumer.override.max.poll.records", "topics.regex");
        assertThat(sink.of(Map.of("exactly.once.support", "required")))
                .extracting(Unknown::name)
                .containsExactly("exactly.once.support");
    }

    @ParameterizedTest
    @CsvSource({
        "kv.bucket, kv.buckets",
        "kv.bukcets, kv.buckets",
        "KV_BUCKETS, kv.buckets",
        "nats.server, nats.servers",
        "servers, nats.servers",
        "nats.user.name, nats.username",
        "start-mode, start.mode",
        "buffer.max.byte, buffer.max.bytes",
        "taskmax, tasks.max",
        "value.convertor, value.converter",
        "exactly.once, exactly.once.support"
    })
    void namesWhatWasProbablyMeant(String given, String meant) {
        assertThat(source.of(Map.of(given, "x")))
                .singleElement()
                .extracting(Unknown::message)
                .isEqualTo("Setting \"" + given + "\" is unknown and has no effect; did you mean \"" + meant + "\"?");
    }

    @Test
    void guessesNothingFromAFarCry() {
        assertThat(source.of(Map.of("compression.level", "9")))
                .singleElement()
                .extracting(Unknown::message)
                .isEqualTo("Setting \"compression.level\" is unknown and has no effect");
    }

    @Test
    void neverTellsTheValue() {
        assertThat(source.of(Map.of("nats.passwort", "secret")))
                .singleElement()
                .extracting(Unknown::message)
                .asString()
                .contains("nats.password")
                .doesNotContain("secret");
    }

    @Test
    void explainsAnErrorByTheSettingThatWasMistyped() {
        ConfigValue missing = new ConfigValue("kv.buckets");
        missing.addErrorMessage("Missing required configuration");
        ConfigValue fine = new ConfigValue("nats.servers");

        source.explain(Map.of("kv.bucket", "a", "nats.server", "b"), List.of(missing, fine));

        assertThat(missing.errorMessages())
                .hasSize(2)
                .last()
                .asString()
                .contains("\"kv.bucket\"", "did you mean \"kv.buckets\"?");
        assertThat(fine.errorMessages()).isEmpty();
    }
}
