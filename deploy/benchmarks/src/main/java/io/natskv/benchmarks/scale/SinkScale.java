package io.natskv.benchmarks.scale;

import io.nats.client.KeyValue;
import io.nats.client.api.KeyValueEntry;
import io.nats.client.api.StreamState;
import io.natskv.benchmarks.Rounds;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A sink connector that is made anew each time and writes a topic whole into an empty bucket. Counted from the first entry to the last by the
 * server's clock. The first record's key comes once, so that its entry stays.
 *
 * @param name of this side, and the beginning of the buckets' names
 * @param topic that is read
 * @param records of the topic
 * @param last key and value of the last record, where not every record becomes an entry
 * @param tasks how many tasks
 * @param more settings
 * @param runs how often it reads the topic in a round
 */
record SinkScale(
        ScaleStack stack,
        String name,
        String topic,
        int records,
        Optional<Map.Entry<String, byte[]>> last,
        int tasks,
        Map<String, String> more,
        int runs)
        implements Rounds.Side {
    /** Each record is of a key of its own. */
    static SinkScale ofKeys(ScaleStack stack, String name, String topic, int records, int tasks, int runs) {
        return new SinkScale(stack, name, topic, records, Optional.empty(), tasks, Map.of(), runs);
    }

    @Override
    public double run() throws Exception {
        double seconds = 0;
        for (int i = 0; i < runs; i++) {
            seconds += once();
        }
        return (records - 1.0) * runs / seconds;
    }

    private double once() throws Exception {
        String bucket = name + "-" + System.nanoTime();
        stack.bucket(bucket);
        try {
            stack.worker().rest().put(bucket, config(bucket));
            KeyValue entries = stack.connection().keyValue(bucket);
            Look.until(stack.worker(), bucket, () -> done(bucket, entries));
            StreamState state = state(bucket);
            return Duration.between(state.getFirstTime(), state.getLastTime()).toNanos() / 1e9;
        } finally {
            stack.worker().rest().delete(bucket);
            stack.deleteBucket(bucket);
        }
    }

    private boolean done(String bucket, KeyValue entries) throws Exception {
        if (last.isEmpty()) {
            return state(bucket).getLastSequence() >= records;
        }
        KeyValueEntry entry = entries.get(last.get().getKey());
        return entry != null && Arrays.equals(entry.getValue(), last.get().getValue());
    }

    private StreamState state(String bucket) throws Exception {
        return stack.connection()
                .jetStreamManagement()
                .getStreamInfo("KV_" + bucket)
                .getStreamState();
    }

    private Map<String, String> config(String bucket) {
        Map<String, String> config = new HashMap<>(more);
        config.put("connector.class", "io.natskv.connect.sink.NatsKvSinkConnector");
        config.put("tasks.max", Integer.toString(tasks));
        config.put("nats.servers", stack.servers().nats().url());
        config.put("topics", topic);
        config.put("bucket.template", bucket);
        config.put("consumer.override.auto.offset.reset", "earliest");
        config.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
        config.put("value.converter", "org.apache.kafka.connect.converters.ByteArrayConverter");
        return config;
    }
}
