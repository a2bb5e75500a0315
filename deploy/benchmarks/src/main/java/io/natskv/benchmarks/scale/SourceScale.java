package io.natskv.benchmarks.scale;

import io.natskv.benchmarks.Rounds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A source connector that is made anew each time, with a new topic, and reads a bucket whole. Counted from the first record to the last by the
 * broker's clock: what it costs to make a connector is left out.
 *
 * @param name of this side, the bucket, and the beginning of the topics' names
 * @param keys of the bucket
 * @param filters key filters, which the tasks share out
 * @param tasks how many tasks, and partitions of the topic
 * @param runs how often it reads the bucket in a round
 */
record SourceScale(
        ScaleStack stack, ScaleSettings settings, String name, int keys, List<String> filters, int tasks, int runs)
        implements Rounds.Side {
    @Override
    public double run() throws Exception {
        long millis = 0;
        for (int i = 0; i < runs; i++) {
            millis += once();
        }
        return (keys - 1.0) * runs * 1e3 / millis;
    }

    private long once() throws Exception {
        String topic = name + "-" + System.nanoTime();
        stack.topic(topic, tasks);
        try (TopicSpan span = new TopicSpan(stack.servers().broker().bootstrap(), topic, tasks)) {
            stack.worker().rest().put(topic, config(stack, settings, name, topic, filters, tasks));
            Look.until(stack.worker(), topic, () -> span.records() >= keys);
            return span.millis();
        } finally {
            stack.worker().rest().delete(topic);
            stack.deleteTopic(topic);
        }
    }

    static Map<String, String> config(
            ScaleStack stack, ScaleSettings settings, String bucket, String topic, List<String> filters, int tasks) {
        Map<String, String> config = new HashMap<>(settings.producer());
        config.put("connector.class", "io.natskv.connect.source.NatsKvSourceConnector");
        config.put("tasks.max", Integer.toString(tasks));
        config.put("nats.servers", stack.servers().nats().url());
        config.put("kv.buckets", bucket);
        config.put("kv.key.filters", String.join(",", filters));
        config.put("topic.template", topic);
        config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        return config;
    }
}
