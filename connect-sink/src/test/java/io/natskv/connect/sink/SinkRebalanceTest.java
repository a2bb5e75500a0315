package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Partitions that go and come in every order that a worker may do it in, with records on their way and the server away. */
class SinkRebalanceTest extends SinkTaskFixture {
    private static final int KEYS = 10;

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    @Override
    NatsServerExtension nats() {
        return NATS;
    }

    @AfterEach
    void deleteBucket() {
        if (!server.alive()) {
            restartServer(); // the test failed in the middle
        }
        buckets.delete(name); // its name is that of the method, which runs more than once
    }

    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once"})
    void partitionsThatComeBackAreNotLeftPaused(String delivery) {
        buckets.allowBatches(name);
        server.kill();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(delivery), false, partition)) {
            sink.append(partition, "a", "1");
            sink.iterate();
            assertThat(sink.isPaused()).as("nothing can be written").isTrue();
            // An eager rebalance takes as long as its slowest member; the worker goes on to call the task.
            sink.revoke(partition);
            sink.iterate();
            sink.iterate();
            sink.assign(partition);
            restartServer();
            sink.untilCommitted();
            assertThat(text(bucket.get("a"))).isEqualTo("1");
        }
    }

    @Test
    void partitionsThatStayAreReadFromWhereTheyWereRewoundTo() {
        TopicPartition second = new TopicPartition(name, 1);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings("at_least_once"), false, partition, second)) {
            sink.append(partition, "a", "1");
            sink.append(second, "b", "1");
            sink.untilCommitted();
            server.kill();
            sink.append(partition, "a", "2");
            sink.append(second, "b", "2");
            sink.iterate();
            sink.append(partition, "a", "3");
            sink.iterate(() -> sink.revoke(second));
            sink.commit();
            assertThat(sink.committed(partition)).as("what is not stored").isEqualTo(1);
            sink.assign(second);
            restartServer();
            sink.untilCommitted();
            assertThat(bucket.history("a")).extracting(SinkTaskFixture::text).containsExactly("1", "2", "3");
            assertThat(bucket.history("b")).extracting(SinkTaskFixture::text).containsExactly("1", "2");
        }
    }

    @ParameterizedTest
    @CsvSource({"at_least_once, 1", "at_least_once, 3", "at_least_once, 1000", "exactly_once, 1000"})
    void nothingIsLostOrLeftLyingInAnyOrder(String delivery, String inFlight) {
        long seed = System.nanoTime();
        System.out.println(
                "SinkRebalanceTest.nothingIsLostOrLeftLyingInAnyOrder " + delivery + " " + inFlight + ": seed " + seed);
        Random random = new Random(seed);
        buckets.allowBatches(name);
        Map<String, String> settings = settings(delivery);
        settings.put(SinkConfig.MAX_IN_FLIGHT, inFlight);
        settings.put(SinkConfig.ACK_TIMEOUT_MS, "300");
        settings.put(SinkConfig.DELIVERY_DEADLINE_MS, "1000");
        settings.put("nats.request.timeout.ms", "1000");
        List<TopicPartition> all = List.of(partition, new TopicPartition(name, 1), new TopicPartition(name, 2));
        List<TopicPartition> gone = new ArrayList<>();
        Map<String, String> last = new HashMap<>();
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, all.toArray(new TopicPartition[0]))) {
            for (int step = 0; step < 60; step++) {
                for (int i = random.nextInt(5); i > 0; i--) {
                    TopicPartition to = all.get(random.nextInt(all.size()));
                    String key = "k" + to.partition() + "-" + random.nextInt(KEYS);
                    String value = step + "." + i;
                    sink.append(to, key, value);
                    last.put(key, value);
                }
                if (random.nextInt(10) == 0) {
                    if (server.alive()) {
                        server.kill();
                    } else {
                        restartServer();
                    }
                }
                switch (random.nextInt(5)) {
                    case 0 -> sink.iterate(() -> share(sink, random, all, gone));
                    case 1 ->
                        sink.iterate(() -> {
                            share(sink, random, all, gone);
                            share(sink, random, all, gone);
                        });
                    case 2 -> {
                        sink.iterate();
                        sink.commit();
                    }
                    default -> sink.iterate();
                }
            }
            if (!server.alive()) {
                restartServer();
            }
            gone.forEach(sink::assign);
            sink.untilCommitted();
        }
        Map<String, String> found = new HashMap<>();
        last.keySet().forEach(key -> found.put(key, text(bucket.get(key))));
        assertThat(found).isEqualTo(last);
    }

    /** Some partitions go, orderly or not, or those that are gone come back; all or only some. */
    private static void share(
            SinkTaskHarness sink, Random random, List<TopicPartition> all, List<TopicPartition> gone) {
        List<TopicPartition> some = new ArrayList<>(all);
        boolean coming = random.nextBoolean();
        some.removeIf(each -> gone.contains(each) != coming || random.nextInt(3) == 0);
        if (some.isEmpty()) {
            return;
        }
        TopicPartition[] moved = some.toArray(new TopicPartition[0]);
        if (coming) {
            gone.removeAll(some);
            sink.assign(moved);
        } else {
            gone.addAll(some);
            if (random.nextInt(4) == 0) {
                sink.lose(moved);
            } else {
                sink.revoke(moved);
            }
        }
    }

    private Map<String, String> settings(String delivery) {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "test");
        settings.put("nats.servers", server.url());
        settings.put(SinkConfig.BUCKET_TEMPLATE, name);
        settings.put(SinkConfig.DELIVERY, delivery);
        return settings;
    }
}
