package io.natskv.benchmarks.mirror;

import io.natskv.benchmarks.Rounds;
import io.natskv.testing.kafka.ConnectWorker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * One side: a connector that is made anew each time, and writes a number of records into a topic that is made anew, too. Counted from the first
 * record to the last, by the broker's clock: what it costs to make a connector is left out.
 */
final class SourceRun implements Rounds.Side {
    private final MirrorStack stack;
    private final ConnectWorker worker;
    private final String name;
    private final long records;
    private final Map<String, String> settings;
    private final String topicSetting;
    private final List<Usage> usages = new ArrayList<>();
    private final List<Double> transactions = new ArrayList<>();
    private int runs;

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

    /** Markers in the topics of each run. */
    List<Double> transactions() {
        return transactions;
    }

    @Override
    public double run() throws Exception {
        String topic = worker.groupId() + "-" + name + "-" + ++runs;
        NewTopic made = new NewTopic(topic, 1, (short) 1).configs(Map.of("message.timestamp.type", "LogAppendTime"));
        stack.admin().createTopics(List.of(made)).all().get();
        Map<String, String> config = new HashMap<>(settings);
        config.put("name", topic);
        config.put(topicSetting, topic);
        try (TopicEnd end = new TopicEnd(stack.broker().bootstrap(), topic)) {
            worker.rest().put(topic, config);
            Progress progress = new Progress(worker, topic);
            long first = progress.await(1, end::offset, offset -> offset);
            Cpu before = Cpu.of(stack, worker);
            progress.await(records, end::offset, offset -> offset);
            long last = end.timeOf(records, records - 1);
            Cpu used = Cpu.of(stack, worker).since(before);
            usages.add(new Usage(used, records - first));
            transactions.add((double) (end.offset() - records));
            // The clock knows milliseconds, and no less than one.
            return (records - 1) * 1e3 / Math.max(1, last - end.firstTime());
        } finally {
            worker.rest().delete(topic);
            stack.admin().deleteTopics(List.of(topic)).all().get();
        }
    }
}
