package io.natskv.connect.source;

import io.natskv.connect.source.RecordKeys.KeyMode;
import io.natskv.connect.source.WatchSettings.StartMode;
import io.natskv.connect.source.reconcile.ReconcileSettings;
import io.natskv.connect.source.reconcile.TopicCheck;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.LiveCheck;
import io.natskv.core.connect.UnknownSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigValue;

/** The checks that concern several settings, settings of the Connect framework, or the live server. */
final class SourceValidation {
    private static final UnknownSettings UNKNOWN = UnknownSettings.ofSource(SourceConfig.DEF.names());
    private static final String EXACTLY_ONCE = "exactly.once.support";
    private static final String PRODUCER = "producer.override.";

    private final Map<String, String> settings;
    private final List<ConfigValue> all;
    private final Map<String, ConfigValue> values;

    private SourceValidation(Map<String, String> settings, List<ConfigValue> all) {
        this.settings = settings;
        this.all = all;
        this.values = all.stream().collect(Collectors.toMap(ConfigValue::name, Function.identity()));
    }

    /** Adds errors to the values of a configuration, and values for settings that are not the connector's own. */
    static void run(Map<String, String> settings, List<ConfigValue> values) {
        SourceValidation validation = new SourceValidation(settings, values);
        ConnectionSettings.check(settings, validation.values);
        if (validation.leaveReferencesAlone()) {
            return;
        }
        if (validation.ownSettingsAreClean()) {
            SourceConfig config = new SourceConfig(settings);
            new SettingChecks(config, validation::error).run();
            new ConverterChecks(settings, config.records(), validation::error).run();
            new SideChecks(settings, config, validation::error).run();
            validation.checkOrder(config.records());
            validation.checkExactlyOnce();
            // In vain with settings that are wrong.
            if (validation.ownSettingsAreClean()) {
                validation.checkLive(config);
            }
        } else {
            new ConverterChecks(settings, null, validation::error).run();
            UNKNOWN.explain(settings, List.copyOf(validation.all));
        }
    }

    /** Settings that nobody reads. */
    static List<UnknownSettings.Unknown> unknown(Map<String, String> settings) {
        return UNKNOWN.of(settings);
    }

    /**
     * Where the worker could not put in what a config provider holds, nothing can be said about the setting, and what depends on several settings
     * can't be said either.
     *
     * @return true if there is a reference in the connector's own settings
     */
    private boolean leaveReferencesAlone() {
        List<ConfigValue> references = SourceConfig.DEF.names().stream()
                .filter(name -> GivenSettings.isReference(settings, name))
                .map(values::get)
                .toList();
        references.forEach(value -> value.errorMessages().clear());
        return !references.isEmpty();
    }

    private boolean ownSettingsAreClean() {
        return SourceConfig.DEF.names().stream()
                .allMatch(name -> values.get(name).errorMessages().isEmpty());
    }

    /** Records of one key have to stay in one partition, in the order of their revisions. */
    private void checkOrder(RecordSettings config) {
        if (config.keyMode() == KeyMode.KEY_AND_REVISION && config.partitions() == 0) {
            error(
                    RecordSettings.TOPIC_PARTITIONS,
                    "With " + RecordSettings.RECORD_KEY
                            + "=key_and_revision the number of partitions must be known, so that all "
                            + "revisions of a key go to one: set it to the topic's number of partitions, or set "
                            + RecordSettings.CREATED_PARTITIONS + " (without " + RecordSettings.CREATION_GROUPS + ")");
        }
        if (config.partitions() == 0) {
            for (String name : List.of("partitioner.class", "partitioner.ignore.keys")) {
                String value = GivenSettings.text(settings, PRODUCER + name);
                if (!value.isEmpty() && !value.equalsIgnoreCase("false")) {
                    error(
                            PRODUCER + name,
                            "Another partitioner may spread the records of one key over partitions, where they lose their order; "
                                    + "remove it, or set " + RecordSettings.TOPIC_PARTITIONS);
                }
            }
        }
        String inFlight = GivenSettings.text(settings, PRODUCER + "max.in.flight.requests.per.connection");
        boolean idempotent = Boolean.parseBoolean(GivenSettings.text(settings, PRODUCER + "enable.idempotence"));
        if (!inFlight.isEmpty() && !inFlight.equals("1") && !idempotent) {
            error(
                    PRODUCER + "max.in.flight.requests.per.connection",
                    "More than one request in flight loses the order of a key's records when one is retried, unless "
                            + PRODUCER + "enable.idempotence=true");
        }
    }

    private void checkExactlyOnce() {
        if ("required".equalsIgnoreCase(GivenSettings.text(settings, EXACTLY_ONCE)) && !isExactlyOnce(settings)) {
            error(
                    EXACTLY_ONCE,
                    WatchSettings.START_MODE
                            + "=updates_only has no offset to return to before its first record: changes made between a crash and the "
                            + "restart would be left out. Set " + LivenessSettings.HEARTBEAT_TOPIC
                            + ", whose first record brings an offset at once, or use another start mode");
        }
    }

    /** Also asked for settings with errors in them. */
    static boolean isExactlyOnce(Map<String, String> settings) {
        return !StartMode.UPDATES_ONLY.name().equalsIgnoreCase(GivenSettings.text(settings, WatchSettings.START_MODE))
                || GivenSettings.isSet(settings, LivenessSettings.HEARTBEAT_TOPIC);
    }

    private void checkLive(SourceConfig config) {
        WatchProbe probe = new WatchProbe(config, settings);
        // Beside the other: the worker waits for both.
        CompletableFuture<List<String>> topics = TopicCheck.start(config.reconcile(), reconciledTopics(config));
        List<LiveCheck.Finding> findings =
                new ArrayList<>(LiveCheck.run(settings, config.watch().buckets(), WatchSettings.BUCKETS, probe::run));
        if (findings.isEmpty()) {
            config.liveness()
                    .signalBucket()
                    .ifPresent(bucket ->
                            findings.addAll(LiveCheck.run(settings, List.of(bucket), LivenessSettings.SIGNAL_BUCKET)));
        }
        findings.forEach(finding -> error(finding.setting(), finding.message()));
        topics.join().forEach(problem -> error(ReconcileSettings.BOOTSTRAP_SERVERS, problem));
    }

    private static List<String> reconciledTopics(SourceConfig config) {
        TopicNames names = new TopicNames(config.records().topicTemplate());
        return config.reconcile().isOn()
                ? config.watch().buckets().stream()
                        .map(bucket -> names.of(bucket, "any"))
                        .toList()
                : List.of();
    }

    private void error(String setting, String message) {
        ConfigValue value = values.computeIfAbsent(setting, name -> {
            ConfigValue added = new ConfigValue(name);
            // The worker takes the value of a converter for a class, and fails with anything else.
            if (!name.endsWith(".converter")) {
                added.value(settings.get(name));
            }
            all.add(added);
            return added;
        });
        value.addErrorMessage(message);
    }
}
