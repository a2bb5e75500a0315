package io.natskv.connect.source;

import io.natskv.connect.source.UndecodableException.Part;
import io.natskv.core.connect.NameTemplate;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The topic of an entry. A key always has the same topic. For one thread. */
final class TopicNames {
    static final String BUCKET = "bucket";
    static final String KEY = "key";
    static final Set<String> VARIABLES = Set.of(BUCKET, KEY);
    private static final int MAX_LENGTH = 249;

    private final NameTemplate template;
    private final boolean dependOnKey;
    private final Map<String, String> byBucket = new HashMap<>();

    TopicNames(NameTemplate template) {
        this.template = template;
        this.dependOnKey = template.uses(KEY);
    }

    /**
     * The topic.
     *
     * @throws UndecodableException if the resulting name is none that Kafka allows
     */
    String of(String bucket, String key) {
        return dependOnKey ? make(bucket, key) : byBucket.computeIfAbsent(bucket, name -> make(name, key));
    }

    private String make(String bucket, String key) {
        String topic;
        try {
            topic = template.render(variable -> variable.equals(BUCKET) ? bucket : key);
        } catch (IllegalArgumentException e) {
            throw new UndecodableException(Part.TOPIC, e.getMessage() + "; see " + RecordSettings.TOPIC_TEMPLATE, e);
        }
        if (!isLegal(topic)) {
            throw new UndecodableException(
                    Part.TOPIC,
                    "topic name \"" + topic + "\" is not legal: up to 249 letters, digits, dots, - and _ are; see "
                            + RecordSettings.TOPIC_TEMPLATE,
                    null);
        }
        return topic;
    }

    static boolean isLegal(String topic) {
        if (topic.isEmpty() || topic.length() > MAX_LENGTH || topic.equals(".") || topic.equals("..")) {
            return false;
        }
        return topic.chars()
                .allMatch(c -> c >= 'a' && c <= 'z'
                        || c >= 'A' && c <= 'Z'
                        || c >= '0' && c <= '9'
                        || c == '.'
                        || c == '_'
                        || c == '-');
    }
}
