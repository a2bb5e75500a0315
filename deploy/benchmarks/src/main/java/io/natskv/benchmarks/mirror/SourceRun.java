package io.natskv.benchmarks.mirror;

import io.natskv.benchmarks.Rounds;
import io.natskv.testing.kafka.ConnectWorker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * One side: a connector that is made anew each time, and writes a number of records into a topic that is made anew, too. Counted from the first
 * record to the last, by the broker's clock: what it costs to make a connector is left out.
 */
final class SourceRun implements Rounds.Side {
    private static final long LOOK_NANOS = Duration.ofMillis(20).toNanos();
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final MirrorStack stack;
    private final ConnectWorker worker;
    private final String name;
    private final long records;
    private final Map<String, String> settings;
    private final String topicSetting;
    private final List<Usage> usages = new ArrayList<>();
    private int runs;

    /**
     * What a run used.
     *
     * @param cpu processor time, from when the first records were seen
     * @param records how many records came since then
     * @param transactions markers in the topic
     */
    record Usage(Cpu cpu, long records, long transactions) {}

    /**
     * @param records how many records come
     * @param settings the connector's, but for the topic
     * @param topicSetting the setting that names the topic
     */
    SourceRun(
            MirrorStack stack,
            ConnectWorker worker,
            String name,
            long records,
            Map<String, String> settings,
            String topicSetting) {
        this.stack = stack;
        this.worker = worker;
        this.name = name;
        this.records = records;
        this.settings = settings;
        this.topicSetting = topicSetting;
    }

    @Override
    public String name() {
        return name;
    }

    /** Of each run, warm-ups included. */
    List<Usage> usages() {
        return usages;
    }

    @Override
    public double run() throws ExecutionException, InterruptedException {
        String topic = worker.groupId() + "-" + name + "-" + ++runs;
        NewTopic made = new NewTopic(topic, 1, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime"));
        stack.admin().createTopics(List.of(made)).all().get();
        Map<String, String> config = new HashMap<>(settings);
        config.put("name", topic);
        config.put(topicSetting, topic);
        try (TopicEnd end = new TopicEnd(stack.broker().bootstrap(), topic)) {
            worker.rest().put(topic, config);
            long first = await(end, topic, 1);
            Cpu before = Cpu.of(stack, worker);
            await(end, topic, records);
            long last = end.timeOf(records, records - 1);
            Cpu used = Cpu.of(stack, worker).since(before);
            usages.add(new Usage(used, records - first, end.offset() - records));
            return (records - 1) * 1e3 / (last - end.firstTime());
        } finally {
            worker.rest().delete(topic);
            stack.admin().deleteTopics(List.of(topic)).all().get();
        }
    }

    private long await(TopicEnd end, String connector, long offset) {
        long start = System.nanoTime();
        long at = end.offset();
        while (at < offset) {
            LockSupport.parkNanos(LOOK_NANOS);
            at = end.offset();
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IllegalStateException("connector " + connector + " wrote " + at + " of " + records
                        + " records within " + PATIENCE + ": "
                        + worker.rest().status(connector).describe());
            }
        }
        return at;
    }
}
