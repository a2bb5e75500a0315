package io.natskv.tools.verify;

import io.natskv.connect.sink.NatsKvSinkConnector;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.record.BucketNames;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.NameTemplate;
import io.natskv.core.key.KeyFilter;
import io.natskv.tools.ToolException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.errors.DataException;

/**
 * What is compared.
 *
 * @param bucket the bucket
 * @param topic the topic; null for none
 * @param filters which keys
 * @param sink true if the bucket was made of the topic
 */
record Target(String bucket, String topic, List<KeyFilter> filters, boolean sink) {
    /**
     * What was typed, completed by the configuration of a connector.
     *
     * @param connector may be empty
     * @throws ToolException if it is not clear
     */
    static Target of(Map<String, String> connector, String bucket, String topic, List<String> filters) {
        boolean sink = GivenSettings.text(connector, "connector.class").endsWith("NatsKvSinkConnector");
        String foundTopic = topic;
        String foundBucket = bucket;
        if (sink) {
            foundTopic = topic != null ? topic : one(connector, "topics", "--topic");
            foundBucket = bucket != null ? bucket : bucketOf(connector, foundTopic);
        } else if (!connector.isEmpty()) {
            foundBucket = bucket != null ? bucket : one(connector, "kv.buckets", "the bucket's name as an argument");
            foundTopic = topic != null ? topic : topicOf(connector, foundBucket);
        }
        if (foundBucket == null) {
            throw new ToolException("Which bucket? Give its name, or a connector's configuration by --config");
        }
        List<String> patterns = filters.isEmpty() ? list(GivenSettings.text(connector, "kv.key.filters")) : filters;
        return new Target(foundBucket, foundTopic, patterns.isEmpty() ? List.of(KeyFilter.ALL) : apart(patterns), sink);
    }

    /** One watch can't have filters that select the same key. */
    private static List<KeyFilter> apart(List<String> patterns) {
        List<KeyFilter> filters =
                patterns.stream().distinct().map(KeyFilter::new).toList();
        for (int i = 0; i < filters.size(); i++) {
            for (KeyFilter other : filters.subList(i + 1, filters.size())) {
                if (filters.get(i).overlaps(other)) {
                    throw new ToolException("The filters \"" + filters.get(i).pattern() + "\" and \"" + other.pattern()
                            + "\" select the same keys: leave out one of them");
                }
            }
        }
        return filters;
    }

    boolean isFiltered() {
        return !filters.equals(List.of(KeyFilter.ALL));
    }

    private static String one(Map<String, String> connector, String setting, String instead) {
        List<String> names = list(GivenSettings.text(connector, setting));
        if (names.size() != 1) {
            throw new ToolException("The configuration names " + (names.isEmpty() ? "none" : "several") + " in "
                    + setting + ": give " + instead);
        }
        return names.get(0);
    }

    private static List<String> list(String text) {
        return Arrays.stream(text.split(","))
                .map(String::trim)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    private static String topicOf(Map<String, String> connector, String bucket) {
        String template = GivenSettings.text(connector, "topic.template");
        NameTemplate parsed =
                NameTemplate.parse(template.isEmpty() ? "kv.${bucket}" : template, Set.of("bucket", "key"));
        if (parsed.uses("key")) {
            throw new ToolException(
                    "topic.template spreads the keys over several topics: give --topic and --filter for each");
        }
        return parsed.render(variable -> bucket);
    }

    private static String bucketOf(Map<String, String> connector, String topic) {
        try {
            String bucket = new BucketNames(new SinkConfig(connector)).ofTopic(topic);
            if (bucket != null) {
                return bucket;
            }
        } catch (ConfigException | DataException e) {
            throw new ToolException(
                    "The configuration of " + NatsKvSinkConnector.class.getSimpleName() + " does not tell the bucket: "
                            + e.getMessage(),
                    e);
        }
        throw new ToolException("bucket.template depends on the record: give the bucket's name as an argument");
    }
}
