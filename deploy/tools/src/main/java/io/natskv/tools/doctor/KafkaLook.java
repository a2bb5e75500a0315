package io.natskv.tools.doctor;

import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.connect.GivenSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Looks at the topics; changes nothing. */
final class KafkaLook {
    private static final String AREA = "Kafka";
    private static final String PARTITIONS = "topic.partitions";
    private static final String CREATION = "topic.creation.default.";

    private final Patient patient;
    private final NatsLook nats;
    private final List<Finding> findings = new ArrayList<>();

    KafkaLook(Patient patient, NatsLook nats) {
        this.patient = patient;
        this.nats = nats;
    }

    /** @param settings of a Kafka client */
    List<Finding> run(Map<String, Object> settings) {
        try (Admin admin = Admin.create(settings)) {
            int brokers = await(admin.describeCluster().nodes()).size();
            findings.add(Finding.ok(AREA, brokers + (brokers == 1 ? " broker answers" : " brokers answer")));
            if (patient.topics().isEmpty()) {
                findings.add(Finding.note(
                        AREA,
                        "No topic was looked at: the configuration does not name them, but finds them by a pattern or"
                                + " a key. Try it with one of them named"));
            }
            for (Map.Entry<String, String> topic : patient.topics().entrySet()) {
                look(admin, topic.getKey(), nats.buckets().get(topic.getValue()));
            }
        } catch (KafkaException e) {
            findings.add(Finding.error(
                    AREA,
                    null,
                    "The brokers can't be asked: " + e.getMessage() + ". Check --bootstrap-server and --kafka-config"));
        }
        return findings;
    }

    private void look(Admin admin, String topic, BucketStatus bucket) {
        String area = "topic \"" + topic + "\"";
        try {
            TopicDescription found =
                    await(admin.describeTopics(List.of(topic)).topicNameValues().get(topic));
            ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
            Config config =
                    await(admin.describeConfigs(List.of(resource)).values().get(resource));
            findings.add(Finding.ok(
                    area,
                    "It is there: " + found.partitions().size() + " partitions, cleanup.policy="
                            + text(config, TopicConfig.CLEANUP_POLICY_CONFIG) + ", max.message.bytes="
                            + text(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG)));
            if (patient.isSource()) {
                mirror(area, topic, found, config, bucket);
            } else {
                consumed(area, found, config);
            }
            if (found.partitions().stream()
                    .anyMatch(partition -> partition.replicas().size() == 1)) {
                findings.add(Finding.note(area, "It has one replica: what its broker loses is lost"));
            }
        } catch (UnknownTopicOrPartitionException e) {
            missing(area, topic);
        } catch (AuthorizationException e) {
            findings.add(Finding.warning(
                    area,
                    null,
                    "This user may not describe it; permit Describe and DescribeConfigs to have it looked at"));
        }
    }

    private void missing(String area, String topic) {
        if (!patient.isSource()) {
            findings.add(Finding.warning(
                    area, "topics", "It is not there: nothing comes until somebody makes it. Check its name"));
        } else if (patient.settings().keySet().stream().noneMatch(name -> name.startsWith(CREATION))) {
            findings.add(Finding.warning(
                    area,
                    CREATION + "partitions",
                    "It is not there: the broker would make it by its own defaults, which delete records after a week,"
                            + " or not at all. Make it (kafka-topics.sh --create --topic " + topic
                            + " --partitions 6 --config cleanup.policy=compact), or set " + CREATION
                            + "partitions, " + CREATION + "replication.factor and " + CREATION
                            + "cleanup.policy=compact"));
        } else if (!GivenSettings.text(patient.settings(), CREATION + TopicConfig.CLEANUP_POLICY_CONFIG)
                .contains(TopicConfig.CLEANUP_POLICY_COMPACT)) {
            findings.add(Finding.warning(
                    area,
                    CREATION + TopicConfig.CLEANUP_POLICY_CONFIG,
                    "Connect makes it, and not compacted: keys that do not change vanish from it with time. Set "
                            + CREATION + "cleanup.policy=compact"));
        } else {
            findings.add(Finding.note(area, "It is not there; Connect makes it by " + CREATION + "*"));
        }
    }

    private void mirror(String area, String topic, TopicDescription found, Config config, BucketStatus bucket) {
        boolean compacted =
                text(config, TopicConfig.CLEANUP_POLICY_CONFIG).contains(TopicConfig.CLEANUP_POLICY_COMPACT);
        boolean deletes = text(config, TopicConfig.CLEANUP_POLICY_CONFIG).contains(TopicConfig.CLEANUP_POLICY_DELETE)
                && (!text(config, TopicConfig.RETENTION_MS_CONFIG).equals("-1")
                        || !text(config, TopicConfig.RETENTION_BYTES_CONFIG).equals("-1"));
        if (deletes) {
            findings.add(Finding.warning(
                    area,
                    null,
                    "It deletes records by age or size (retention.ms=" + text(config, TopicConfig.RETENTION_MS_CONFIG)
                            + "): keys that do not change vanish from it although the bucket has them."
                            + " kafka-configs.sh --alter --topic "
                            + topic + " --add-config cleanup.policy=compact"));
        } else if (!compacted) {
            findings.add(Finding.note(area, "It is not compacted: it keeps every change, and grows for ever"));
        }
        if (compacted && patient.text("record.delete").equals("envelope")) {
            findings.add(Finding.warning(
                    area,
                    "record.delete",
                    "Compaction does not forget deleted keys, because their last record has a value: set"
                            + " envelope_and_tombstone"));
        }
        if (compacted && patient.text("record.key").equals("key_and_revision")) {
            findings.add(Finding.note(
                    area, "With record.key=key_and_revision compaction removes nothing but what was written twice"));
        }
        partitions(area, found.partitions().size());
        long limit = number(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        long largest = bucket != null && bucket.maxValueSize() > 0 ? bucket.maxValueSize() : nats.maxPayload();
        if (largest > limit) {
            findings.add(Finding.warning(
                    area,
                    "producer.override.max.request.size",
                    String.format(
                            Locale.ROOT,
                            "The bucket takes values up to %d bytes, the topic records up to %d: one that is larger"
                                    + " fails the task. Raise the topic's max.message.bytes and"
                                    + " producer.override.max.request.size, or lower the bucket's limit (nats stream edit"
                                    + " --max-msg-size)",
                            largest,
                            limit)));
        }
    }

    private void partitions(String area, int real) {
        String asked = patient.text(PARTITIONS);
        if (!asked.matches("[1-9]\\d{0,5}")) {
            return;
        }
        int partitions = Integer.parseInt(asked);
        if (partitions > real) {
            findings.add(Finding.error(
                    area,
                    PARTITIONS,
                    PARTITIONS + "=" + partitions + ", and it has " + real
                            + ": Kafka's producer would wait for ever for the others. Set " + PARTITIONS + "=" + real));
        } else if (partitions < real) {
            findings.add(Finding.warning(
                    area,
                    PARTITIONS,
                    PARTITIONS + "=" + partitions + ", and it has " + real + ": the others stay empty. Set "
                            + PARTITIONS + "=" + real
                            + " before the first record: afterwards keys would change their partition"));
        }
    }

    private void consumed(String area, TopicDescription found, Config config) {
        long largest = number(config, TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        long smallest = nats.buckets().values().stream()
                .mapToLong(BucketStatus::maxValueSize)
                .filter(limit -> limit > 0)
                .min()
                .orElse(Long.MAX_VALUE);
        long limit = Math.min(smallest, nats.maxPayload() > 0 ? nats.maxPayload() : Long.MAX_VALUE);
        if (largest > limit) {
            findings.add(Finding.note(
                    area,
                    "It takes records up to " + largest + " bytes, NATS and bucket " + limit
                            + ": a larger one fails the task, or goes to the dead-letter topic"
                            + " (errors.tolerance=all, errors.deadletterqueue.topic.name)"));
        }
        String tasks = patient.text("tasks.max");
        if (tasks.matches("\\d{1,5}")
                && Integer.parseInt(tasks) > found.partitions().size()
                && patient.topics().size() == 1) {
            findings.add(Finding.note(
                    area,
                    "It has " + found.partitions().size() + " partitions: of tasks.max=" + tasks
                            + " the others have nothing to do"));
        }
    }

    private static String text(Config config, String name) {
        ConfigEntry entry = config.get(name);
        return entry == null || entry.value() == null ? "" : entry.value();
    }

    private static long number(Config config, String name) {
        String text = text(config, name);
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : Long.MAX_VALUE;
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("Interrupted", e);
        }
    }
}
