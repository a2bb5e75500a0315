package io.natskv.benchmarks.scale;

import io.nats.client.api.ConsumerInfo;
import io.natskv.benchmarks.Rounds;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A source connector that is made anew each time, with a new topic, and reads a bucket whole. Counted from the first record to the last by the
 * broker's clock: what it costs to make a connector is left out, and what it reads until then is not.
 *
 * @param name of this side, the bucket, and the beginning of the topics' names
 * @param keys of the bucket
 * @param filters key filters, which the tasks share out
 * @param tasks how many tasks, and partitions of the topic
 * @param runs how often it reads the bucket in a round
 * @param fromStart takes the rate of each round, warm-ups included, from when the first task began to read by the NATS server's clock, which is
 *     the broker's, too
 */
record SourceScale(
        ScaleStack stack,
        ScaleSettings settings,
        String name,
        int keys,
        List<String> filters,
        int tasks,
        int runs,
        List<Double> fromStart)
        implements Rounds.Side {
    /** @param ahead from when it begins to read to the first record */
    private record Times(long millis, long ahead) {}

    @Override
    public double run() throws Exception {
        long millis = 0;
        long ahead = 0;
        for (int i = 0; i < runs; i++) {
            Times times = once();
            millis += times.millis();
            ahead += times.ahead();
        }
        fromStart.add(keys * runs * 1e3 / (millis + ahead));
        return (keys - 1.0) * runs * 1e3 / millis;
    }

    private Times once() throws Exception {
        String topic = name + "-" + System.nanoTime();
        stack.topic(topic, tasks);
        try (TopicSpan span = new TopicSpan(stack.servers().broker().bootstrap(), topic, tasks)) {
            long asked = System.currentTimeMillis();
            stack.worker().rest().put(topic, config(stack, settings, name, topic, filters, tasks));
            Look.until(stack.worker(), topic, () -> span.records() >= keys);
            return new Times(span.millis(), span.first() - began(asked));
        } finally {
            stack.worker().rest().delete(topic);
            stack.deleteTopic(topic);
        }
    }

    /** When the oldest consumer of the bucket was made since then: each task has one, and nobody else has any. */
    private long began(long since) throws Exception {
        return stack.connection().jetStreamManagement().getConsumers("KV_" + name).stream()
                .map(ConsumerInfo::getCreationTime)
                .mapToLong(created -> created.toInstant().toEpochMilli())
                .filter(created -> created >= since)
                .min()
                .orElseThrow();
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
