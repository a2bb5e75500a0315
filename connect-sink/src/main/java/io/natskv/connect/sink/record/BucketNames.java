package io.natskv.connect.sink.record;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.template.RecordTemplate;
import io.natskv.core.error.InvalidBucketException;
import io.natskv.core.key.KvNames;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/** The bucket that a record goes to: that of its topic if there is one, else what the template gives. For one thread. */
public final class BucketNames {
    private final RecordTemplate template;
    private final Map<String, String> ofTopics;
    /** Names that were found by topic; a task has few topics. */
    private final Map<String, String> known;

    public BucketNames(SinkConfig config) {
        template = config.bucketTemplate();
        ofTopics = config.topicBuckets();
        known = new HashMap<>(ofTopics);
    }

    /**
     * The bucket.
     *
     * @throws DataException if the template gives no legal name for this record
     */
    public String of(SinkRecord record) {
        String name = known.get(record.topic());
        if (name == null) {
            name = checked(record);
            if (template.dependsOnTopicOnly()) {
                known.put(record.topic(), name);
            }
        }
        return name;
    }

    /**
     * The bucket of all records of a topic; null if it depends on more than that.
     *
     * @throws DataException if the template gives no legal name
     */
    public String ofTopic(String topic) {
        return ofTopics.containsKey(topic) || template.dependsOnTopicOnly()
                ? of(new SinkRecord(topic, 0, null, null, null, null, 0))
                : null;
    }

    private String checked(SinkRecord record) {
        try {
            return KvNames.checkBucket(template.render(record));
        } catch (InvalidBucketException | DataException e) {
            throw new DataException(
                    e.getMessage() + ". It comes from topic \"" + record.topic() + "\" by " + SinkConfig.BUCKET_TEMPLATE
                            + "=" + template + "; name the bucket there or in " + SinkConfig.TOPIC_BUCKETS
                            + ", or take a part of the topic's name: ${topic[1]} is \"orders\" for topic \"kv.orders\"",
                    e);
        }
    }
}
