package io.natskv.benchmarks.scale;

import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.core.Data;
import java.util.ArrayList;
import java.util.List;

/**
 * A source connector that follows a bucket while it is written, as fast as the server takes it. Counted from the first put until a reader of the
 * topic sees the last revision. Where a bucket keeps one revision of a key, those that were overtaken before they were read don't come.
 */
final class SourceLive implements Rounds.Side {
    private final ScaleStack stack;
    private final ScaleSettings settings;
    private final String name;
    private final Data data;
    private final List<Double> deliveredPercent = new ArrayList<>();

    /** @param data the keys that are written in turn */
    SourceLive(ScaleStack stack, ScaleSettings settings, String name, Data data) {
        this.stack = stack;
        this.settings = settings;
        this.name = name;
        this.data = data;
    }

    @Override
    public String name() {
        return name;
    }

    /** How many of the revisions were in the topic, of each run, warm-ups included. */
    List<Double> deliveredPercent() {
        return deliveredPercent;
    }

    @Override
    public double run() throws Exception {
        String topic = name + "-" + System.nanoTime();
        stack.topic(topic, 1);
        stack.bucket(topic);
        try (TopicSpan span = new TopicSpan(stack.servers().broker().bootstrap(), topic, 1)) {
            stack.worker().rest().put(topic, SourceScale.config(stack, settings, topic, topic, List.of(">"), 1));
            stack.connection().keyValue(topic).put("first", new byte[settings.valueBytes()]);
            // It is live by then.
            Look.until(stack.worker(), topic, () -> span.records() >= 1);
            int puts = settings.hotRecords();
            long start = System.nanoTime();
            stack.write(topic, data, puts);
            Look.until(stack.worker(), topic, () -> span.lastRevision() == puts + 1);
            double rate = puts * 1e9 / (System.nanoTime() - start);
            deliveredPercent.add((span.records() - 1) * 100.0 / puts);
            return rate;
        } finally {
            stack.worker().rest().delete(topic);
            stack.deleteBucket(topic);
            stack.deleteTopic(topic);
        }
    }
}
