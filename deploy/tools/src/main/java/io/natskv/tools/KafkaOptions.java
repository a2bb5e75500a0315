package io.natskv.tools;

import io.natskv.core.connect.GivenSettings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine.Option;

/** How to reach Kafka. */
public final class KafkaOptions {
    private static final String SERVERS = CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG;

    @Option(
            names = {"-b", "--bootstrap-server"},
            paramLabel = "HOST:PORT",
            description = "Kafka brokers (KAFKA_BOOTSTRAP_SERVERS).")
    private String servers;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Properties of a Kafka client: security.protocol, sasl.jaas.config and so on.")
    private Path config;

    /** Settings of a client that a connector's configuration holds: {@code kafka.admin.*}, else {@code reconcile.consumer.*}. */
    public static Map<String, String> ofConnector(Map<String, String> connector) {
        Map<String, String> settings = new HashMap<>();
        for (String prefix : List.of("kafka.admin.", "reconcile.consumer.")) {
            connector.forEach((name, value) -> {
                if (name.startsWith(prefix)
                        && GivenSettings.isSet(connector, name)
                        && !GivenSettings.isReference(connector, name)) {
                    settings.putIfAbsent(name.substring(prefix.length()), value.trim());
                }
            });
        }
        return settings;
    }

    /**
     * Settings of a client.
     *
     * @param fallback settings that count where nothing was typed; may be empty
     * @return empty if it is not known where the brokers are
     */
    public Optional<Map<String, Object>> settings(Map<String, String> fallback) {
        Map<String, Object> settings = new HashMap<>(fallback);
        if (System.getenv("KAFKA_BOOTSTRAP_SERVERS") != null) {
            settings.putIfAbsent(SERVERS, System.getenv("KAFKA_BOOTSTRAP_SERVERS"));
        }
        if (config != null) {
            settings.putAll(SettingsFile.properties(config));
        }
        if (servers != null) {
            settings.put(SERVERS, servers);
        }
        settings.putIfAbsent(CommonClientConfigs.CLIENT_ID_CONFIG, "nats-kv-tools");
        // Where nobody answers it should not take a minute to say so.
        settings.putIfAbsent(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, "15000");
        settings.putIfAbsent(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, "10000");
        return settings.containsKey(SERVERS) ? Optional.of(settings) : Optional.empty();
    }
}
