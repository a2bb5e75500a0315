package io.natskv.connect.sink;

import io.natskv.connect.sink.config.BucketSettings;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.exactlyonce.SettingRefusals;
import io.natskv.connect.sink.record.BucketNames;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.LiveCheck;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.DataException;

/** The checks that concern several settings, or the live server. */
final class SinkValidation {
    private final Map<String, String> settings;
    private final Map<String, ConfigValue> values;

    private SinkValidation(Map<String, String> settings, List<ConfigValue> values) {
        this.settings = settings;
        this.values = values.stream().collect(Collectors.toMap(ConfigValue::name, Function.identity()));
    }

    /** Adds errors to the values of a configuration. */
    static void run(Map<String, String> settings, List<ConfigValue> values) {
        SinkValidation validation = new SinkValidation(settings, values);
        ConnectionSettings.check(settings, validation.values);
        if (validation.ownSettingsAreClean()) {
            SinkConfig config = new SinkConfig(settings);
            validation.checkDeadline(config);
            validation.checkModes(config);
            if (config.delivery() == SinkConfig.Delivery.EXACTLY_ONCE) {
                SettingRefusals.of(config).forEach(validation::error);
            }
            validation.checkLive(config, validation.buckets(config));
        }
    }

    private boolean ownSettingsAreClean() {
        return SinkConfig.DEF.names().stream()
                .allMatch(name -> values.get(name).errorMessages().isEmpty());
    }

    private void checkDeadline(SinkConfig config) {
        if (config.deliveryDeadline().compareTo(config.ackTimeout()) < 0) {
            error(
                    SinkConfig.DELIVERY_DEADLINE_MS,
                    "must not be shorter than " + SinkConfig.ACK_TIMEOUT_MS + ", the time for one attempt");
        }
    }

    private void checkModes(SinkConfig config) {
        boolean update = config.writeMode() == SinkConfig.WriteMode.UPDATE;
        if (update && config.expectedRevision().isEmpty()) {
            error(SinkConfig.EXPECTED_REVISION, "is needed with " + SinkConfig.WRITE_MODE + "=update");
        }
        if (!update && config.expectedRevision().isPresent()) {
            error(SinkConfig.EXPECTED_REVISION, "has no effect without " + SinkConfig.WRITE_MODE + "=update");
        }
        if (config.recordTtl().isPresent()
                && config.buckets().create()
                && (config.getInt(BucketSettings.HISTORY) != 1
                        || config.getLong(BucketSettings.LIMIT_MARKER_TTL_MS) == 0)) {
            error(
                    SinkConfig.RECORD_TTL,
                    "can't be used with buckets that are created so: set " + BucketSettings.LIMIT_MARKER_TTL_MS
                            + " to 1000 or more, and " + BucketSettings.HISTORY + " to 1");
        }
    }

    /**
     * The buckets that the settings name, as far as they can be known: topics by pattern are not, and transforms may send records elsewhere.
     */
    private Set<String> buckets(SinkConfig config) {
        Set<String> buckets = new TreeSet<>();
        if (config.bucketTemplate().isConstant() && config.topicBuckets().isEmpty()) {
            collect(config, "", buckets);
        } else if (!GivenSettings.isSet(settings, "transforms")) {
            Arrays.stream(GivenSettings.text(settings, "topics").split(","))
                    .map(String::trim)
                    .filter(topic -> !topic.isEmpty())
                    .forEach(topic -> collect(config, topic, buckets));
        }
        return buckets;
    }

    private void collect(SinkConfig config, String topic, Set<String> buckets) {
        try {
            Optional.ofNullable(new BucketNames(config).ofTopic(topic)).ifPresent(buckets::add);
        } catch (DataException e) {
            error(SinkConfig.BUCKET_TEMPLATE, e.getMessage());
        }
    }

    private void checkLive(SinkConfig config, Set<String> buckets) {
        boolean exactlyOnce = config.delivery() == SinkConfig.Delivery.EXACTLY_ONCE;
        List<LiveCheck.Finding> findings = LiveCheck.run(
                settings,
                new LiveCheck.Buckets(
                        buckets,
                        SinkConfig.BUCKET_TEMPLATE,
                        config.buckets().create(),
                        new BucketLook(config),
                        exactlyOnce
                                ? SinkConfig.DELIVERY
                                : config.recordTtl().isPresent() ? SinkConfig.RECORD_TTL : SinkConfig.BUCKET_TEMPLATE));
        findings.forEach(finding -> error(finding.setting(), finding.message()));
    }

    private void error(String setting, String message) {
        values.get(setting).addErrorMessage(message);
    }
}
