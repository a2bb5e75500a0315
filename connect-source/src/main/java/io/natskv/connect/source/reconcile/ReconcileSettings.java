package io.natskv.connect.source.reconcile;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.LambdaValidator;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;

/** The settings of reconciliation. */
public final class ReconcileSettings {
    public static final String RECONCILE = "reconcile";
    public static final String CONSUMER_PREFIX = "reconcile.consumer.";
    public static final String BOOTSTRAP_SERVERS = CONSUMER_PREFIX + CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG;

    static final String OFF = "off";
    static final String ON_GAP = "on_gap";

    private static final String GROUP = "Reconciliation";
    private static final Pattern SIMPLE = Pattern.compile("(\\d{1,9})(s|m|h|d)");
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(3_650);

    private final AbstractConfig config;

    public ReconcileSettings(AbstractConfig config) {
        this.config = config;
    }

    /** Adds the settings to the connector's. */
    public static ConfigDef define(ConfigDef def) {
        int order = 0;
        return def.define(
                        RECONCILE,
                        Type.STRING,
                        OFF,
                        LambdaValidator.with(
                                ReconcileSettings::check, () -> "off, on_gap, or an interval as 30m or 6h"),
                        Importance.MEDIUM,
                        "Make the topic a true copy of the bucket where delete markers have vanished before they were read: purged or expired "
                                + "while the connector was down, keys that expire without a marker, a purge of the stream. on_gap: at each start of "
                                + "a task, after an outage or a pause unless the bucket is as the last run left it, and after a lost position; an interval (30m, 6h, 1d): also "
                                + "as often. Keys that the bucket does not have any more get tombstones, keys that are missing or older in the "
                                + "topic are written again. Each time the topic is read once. Needs record.key=key, a key converter for strings, "
                                + "and a topic for each bucket into which nobody else writes.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Reconcile")
                .define(
                        BOOTSTRAP_SERVERS,
                        Type.LIST,
                        List.of(),
                        Importance.MEDIUM,
                        "The Kafka brokers, host:port, by which reconciliation reads the topic; needed for it, because a connector is not "
                                + "told those of its worker. Every other setting of a Kafka consumer can be given behind "
                                + CONSUMER_PREFIX
                                + " too: security.protocol, sasl.jaas.config and so on. The user must be allowed to describe and read the "
                                + "topic; no consumer group is used.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Kafka brokers");
    }

    public boolean isOn() {
        return !text().equals(OFF);
    }

    /** How often, beside after gaps; empty for after gaps only. */
    public Optional<Duration> interval() {
        return text().equals(OFF) || text().equals(ON_GAP) ? Optional.empty() : Optional.of(parse(text()));
    }

    String text() {
        return config.getString(RECONCILE).trim().toLowerCase(Locale.ROOT);
    }

    /** Settings of the consumer that reads the topic. */
    Map<String, String> consumer(String clientId) {
        Map<String, String> consumer = new HashMap<>();
        consumer.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        config.originalsWithPrefix(CONSUMER_PREFIX).forEach((name, value) -> {
            if (value != null) {
                consumer.put(name, value.toString().trim());
            }
        });
        return consumer;
    }

    private static void check(String name, Object value) {
        if (value instanceof String text) {
            String lower = text.trim().toLowerCase(Locale.ROOT);
            if (!lower.equals(OFF) && !lower.equals(ON_GAP)) {
                Duration interval;
                try {
                    interval = parse(lower);
                } catch (DateTimeException | ArithmeticException e) {
                    throw new ConfigException(name, value, "must be off, on_gap or an interval as 30m, 6h or 1d");
                }
                if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
                    throw new ConfigException(name, value, "an interval must be between 1s and 3650d");
                }
            }
        }
    }

    /** Numbers with a unit, or ISO-8601. */
    private static Duration parse(String lower) {
        Matcher simple = SIMPLE.matcher(lower);
        if (!simple.matches()) {
            return Duration.parse(lower);
        }
        long number = Long.parseLong(simple.group(1));
        return switch (simple.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }
}
