package io.natskv.benchmarks.materialise;

import io.natskv.benchmarks.core.Data;
import io.natskv.benchmarks.mirror.MirrorStack;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Makes a topic of one partition and fills it. */
record TopicLoad(MirrorStack stack, String topic) {
    void fill(Data data, int records) throws ExecutionException, InterruptedException {
        stack.admin()
                .createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                .all()
                .get();
        Map<String, Object> settings = new HashMap<>(stack.broker().producerSettings());
        settings.put("linger.ms", 20);
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < records; i++) {
                producer.send(new ProducerRecord<>(topic, data.key(i), data.value(i)));
            }
            producer.flush();
        }
    }
}
