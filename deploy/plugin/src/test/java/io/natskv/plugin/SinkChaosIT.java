package io.natskv.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.natskv.plugin.Topic.Item;
import io.natskv.testing.kafka.ConnectRestException;
import io.natskv.testing.kafka.ConnectorStatus;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.TcpProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.GroupState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * One topic into two buckets, at least once into one and exactly once into the other, while workers, NATS servers and the links between them are
 * killed, frozen and cut at random moments. Compared with the topic: at least once, no record is missing and the last state of each key is
 * that of the topic; exactly once, the revisions are the records one to one, and nothing else was ever stored but offsets.
 *
 * <p>{@code -Dnatskv.chaos.disturbances=n} sets how often for each of the two, {@code -Dnatskv.chaos.seed=n} repeats a choice of disturbances and records; the profile
 * {@code chaos} sets 30.
 */
class SinkChaosIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final int DISTURBANCES = Integer.getInteger("natskv.chaos.disturbances", 10);
    private static final int PARTITIONS = 4;
    private static final String TOPIC = "sink.chaos";
    private static final String AT_LEAST_ONCE = "at-least-once";
    private static final String EXACTLY_ONCE = "exactly-once";
    private static final List<String> CONNECTORS = List.of(AT_LEAST_ONCE, EXACTLY_ONCE);

    private SinkCluster cluster;
    private Connection connection;
    private Admin admin;

    private enum Disturbance {
        WORKER_KILLED,
        WORKER_RESTARTED,
        /** It wakes when its partitions belong to others. */
        WORKER_FROZEN,
        TASK_RESTARTED,
        CONNECTOR_PAUSED,
        LINKS_CUT,
        LINKS_HALF_OPEN,
        LEADER_KILLED,
        LEADER_FROZEN,
        SERVERS_KILLED
    }

    @BeforeEach
    void start() throws Exception {
        cluster = new SinkCluster();
        connection = cluster.nats().connect();
        admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.broker().bootstrap()));
        admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 1)))
                .all()
                .get();
    }

    @AfterEach
    void stop() throws Exception {
        admin.close();
        connection.close();
        cluster.close();
    }

    @Test
    void bothGuaranteesHoldWhateverIsDisturbed() throws Exception {
        long seed =
                Long.getLong("natskv.chaos.seed", ThreadLocalRandom.current().nextLong());
        // Partitions that stay while others move are another way through a task than all of them taken and given back.
        boolean cooperative = new Random(seed).nextBoolean();
        System.out.printf(
                "%d disturbances of each connector, %s rebalances, seed %d%n",
                DISTURBANCES, cooperative ? "cooperative" : "eager", seed);
        for (String connector : CONNECTORS) {
            createBucket(connector);
            startSink(connector, cooperative);
        }
        try (Topic topic = new Topic(cluster.broker().bootstrap(), TOPIC)) {
            try (RecordTraffic traffic = new RecordTraffic(cluster.broker(), TOPIC, seed)) {
                awaitProgress(200);
                Random random = new Random(seed);
                List<Disturbance> deck = new ArrayList<>();
                Map<String, Integer> hits = new HashMap<>();
                // Each connector as often, whoever is met by what is disturbed.
                for (int i = 1; leastHit(hits) < DISTURBANCES; i++) {
                    if (deck.isEmpty()) {
                        deck.addAll(Arrays.asList(Disturbance.values()));
                        Collections.shuffle(deck, random);
                    }
                    Disturbance disturbance = deck.remove(0);
                    int moment = traffic.count() + random.nextInt(200);
                    await().atMost(SOON).pollInterval(Duration.ofMillis(2)).until(() -> traffic.count() >= moment);
                    long start = System.nanoTime();
                    Set<String> hit = disturb(disturbance, target(hits, random), random, traffic);
                    hit.forEach(connector -> hits.merge(connector, 1, Integer::sum));
                    awaitProgress(200);
                    System.out.printf(
                            "disturbance %d: %s of %s, %d records, %d ms%n",
                            i, disturbance, hit, traffic.count(), (System.nanoTime() - start) / 1_000_000);
                    assertNothingFailed();
                }
                System.out.println("disturbances met by each: " + hits);
            }
            List<Item> records = topic.read();
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> StoredOffsets.of(connection, EXACTLY_ONCE).records() == records.size());
            await().atMost(SOON)
                    .ignoreExceptions()
                    .pollInterval(Duration.ofMillis(500))
                    .until(() ->
                            lastStates(Revision.all(connection, AT_LEAST_ONCE)).equals(topic.entries()));
            assertNothingFailed();
            assertExactlyOnce(records);
            assertAtLeastOnce(records);
        } catch (Throwable e) {
            System.err.println(cluster.logs(150));
            throw e;
        }
    }

    private static int leastHit(Map<String, Integer> hits) {
        return CONNECTORS.stream()
                .mapToInt(connector -> hits.getOrDefault(connector, 0))
                .min()
                .orElseThrow();
    }

    /** The connector that was met least; any where that is the same. */
    private static String target(Map<String, Integer> hits, Random random) {
        List<String> least = CONNECTORS.stream()
                .filter(connector -> hits.getOrDefault(connector, 0) == leastHit(hits))
                .toList();
        return least.get(random.nextInt(least.size()));
    }

    /** Returns which connectors were met. */
    private Set<String> disturb(Disturbance disturbance, String target, Random random, RecordTraffic traffic)
            throws Exception {
        switch (disturbance) {
            case WORKER_KILLED -> {
                int worker = cluster.workerOf(target);
                Set<String> hit = connectorsOf(worker);
                cluster.worker(worker).kill();
                cluster.worker(worker).restart();
                return hit;
            }
            case WORKER_RESTARTED -> {
                int worker = cluster.workerOf(target);
                Set<String> hit = connectorsOf(worker);
                cluster.worker(worker).restart();
                return hit;
            }
            case WORKER_FROZEN -> {
                int worker = cluster.workerOf(target);
                Set<String> hit = connectorsOf(worker);
                freezeUntilOthersHaveItsPartitions(target, worker);
                return hit;
            }
            case TASK_RESTARTED -> {
                String path = "/connectors/" + target + "/tasks/" + random.nextInt(2) + "/restart";
                whenTheGroupIsSettled(() -> cluster.rest().call("POST", path, null));
                return Set.of(target);
            }
            case CONNECTOR_PAUSED -> {
                whenTheGroupIsSettled(() -> cluster.rest().pause(target));
                cluster.rest().awaitState(target, "PAUSED", SOON);
                int later = traffic.count() + random.nextInt(500);
                await().atMost(SOON).until(() -> traffic.count() >= later);
                whenTheGroupIsSettled(() -> cluster.rest().resume(target));
                cluster.rest().awaitState(target, "RUNNING", SOON);
                return Set.of(target);
            }
            case LINKS_CUT -> {
                for (TcpProxy proxy : cluster.proxies()) {
                    if (random.nextBoolean()) {
                        proxy.cut();
                    } else {
                        proxy.reset();
                    }
                }
            }
            case LINKS_HALF_OPEN -> {
                cluster.proxies().forEach(TcpProxy::halfOpen);
                int later = traffic.count() + 300 + random.nextInt(500);
                await().atMost(SOON).until(() -> traffic.count() >= later);
                cluster.proxies().forEach(TcpProxy::heal);
            }
            case LEADER_KILLED -> {
                NatsServer leader = cluster.nats().leaderOf("KV_" + target);
                leader.kill();
                awaitProgress(100);
                leader.restart();
                return Set.of(target);
            }
            case LEADER_FROZEN -> {
                NatsServer leader = cluster.nats().leaderOf("KV_" + target);
                leader.pause();
                int later = traffic.count() + 500 + random.nextInt(1_500);
                await().atMost(SOON).until(() -> traffic.count() >= later);
                leader.resume();
                return Set.of(target);
            }
            case SERVERS_KILLED -> {
                cluster.nats().nodes().forEach(NatsServer::kill);
                cluster.nats().nodes().forEach(NatsServer::restart);
            }
        }
        return Set.copyOf(CONNECTORS);
    }

    /** While the workers share tasks out anew they refuse requests. */
    private static void whenTheGroupIsSettled(Runnable request) {
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(ConnectRestException.class)
                .until(() -> {
                    request.run();
                    return true;
                });
    }

    /** Those that have a task on a worker. */
    private Set<String> connectorsOf(int worker) {
        return CONNECTORS.stream()
                .filter(connector -> cluster.workersOf(connector).contains(worker))
                .collect(Collectors.toSet());
    }

    /** Its tasks stand still in the middle of what they do, and go on with it when others do the same work. */
    private void freezeUntilOthersHaveItsPartitions(String connector, int worker) throws Exception {
        Set<String> before = members(group(connector));
        cluster.worker(worker).pause();
        try {
            await().atMost(SOON).until(() -> {
                ConsumerGroupDescription group = group(connector);
                int assigned = group.members().stream()
                        .mapToInt(
                                member -> member.assignment().topicPartitions().size())
                        .sum();
                return group.groupState() == GroupState.STABLE
                        && assigned == PARTITIONS
                        && !members(group).containsAll(before);
            });
        } finally {
            cluster.worker(worker).resume();
        }
    }

    private ConsumerGroupDescription group(String connector) throws Exception {
        String name = "connect-" + connector;
        return admin.describeConsumerGroups(List.of(name)).all().get().get(name);
    }

    private static Set<String> members(ConsumerGroupDescription group) {
        return group.members().stream().map(MemberDescription::consumerId).collect(Collectors.toSet());
    }

    /** Waits until both buckets have taken more records. */
    private void awaitProgress(int records) throws IOException {
        // Again soon where the leader is away: a request that it has not got is not answered later either.
        JetStreamManagement asking = connection.jetStreamManagement(
                JetStreamOptions.builder().requestTimeout(Duration.ofSeconds(1)).build());
        Map<String, Long> before = new HashMap<>();
        await().atMost(SOON).ignoreExceptions().until(() -> {
            for (String connector : CONNECTORS) {
                before.putIfAbsent(connector, lastSequence(asking, connector));
            }
            return true;
        });
        await().atMost(SOON).ignoreExceptions().until(() -> {
            for (String connector : CONNECTORS) {
                if (lastSequence(asking, connector) < before.get(connector) + records) {
                    return false;
                }
            }
            return true;
        });
    }

    private static long lastSequence(JetStreamManagement management, String bucket) throws Exception {
        return management.getStreamInfo("KV_" + bucket).getStreamState().getLastSequence();
    }

    private void assertNothingFailed() {
        for (String connector : CONNECTORS) {
            ConnectorStatus status = cluster.rest().status(connector);
            assertThat(status.failed()).as(status::describe).isFalse();
        }
    }

    /** A bucket that keeps everything, so that what was stored can be counted in the end. */
    private void createBucket(String name) throws Exception {
        connection
                .jetStreamManagement()
                .addStream(StreamConfiguration.builder()
                        .name("KV_" + name)
                        .subjects("$KV." + name + ".>")
                        .maxMessagesPerSubject(1_000_000)
                        .discardPolicy(DiscardPolicy.New)
                        .allowRollup(true)
                        .denyDelete(true)
                        .allowDirect(true)
                        .replicas(3)
                        .build());
    }

    private void startSink(String connector, boolean cooperative) throws Exception {
        Map<String, String> config = new HashMap<>(Plugin.example("nats-kv-sink"));
        config.put("topics", TOPIC);
        config.put("bucket.template", connector);
        config.put("delivery", connector.replace('-', '_'));
        config.put("tasks.max", "2");
        config.put("nats.servers", cluster.natsServers());
        config.put("nats.ignore.discovered.servers", "true");
        config.put("ack.timeout.ms", "2000");
        config.put("nats.request.timeout.ms", "2000");
        config.put("consumer.override.auto.offset.reset", "earliest");
        config.put("consumer.override.session.timeout.ms", "3000");
        config.put("consumer.override.heartbeat.interval.ms", "500");
        if (cooperative) {
            config.put(
                    "consumer.override.partition.assignment.strategy",
                    "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
        }
        cluster.rest().put(connector, config);
        cluster.rest().awaitRunning(connector, SOON);
    }

    private void assertExactlyOnce(List<Item> records) throws Exception {
        List<Revision> revisions = Revision.all(connection, EXACTLY_ONCE);
        StoredOffsets offsets = StoredOffsets.of(connection, EXACTLY_ONCE);
        System.out.printf(
                "exactly once: %d records, %d offsets of batches, %d claims; last sequence %d%n",
                records.size(), offsets.messages() - offsets.claims(), offsets.claims(), offsets.lastSequence());
        Map<String, List<Entry>> expected = byKey(records);
        Map<String, List<Entry>> found = new LinkedHashMap<>();
        revisions.forEach(revision ->
                found.computeIfAbsent(revision.key(), key -> new ArrayList<>()).add(revision.entry()));
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        expected.forEach((key, entries) -> assertThat(found.get(key)).as(key).isEqualTo(fromLastPurge(entries)));
        assertThat(offsets.lastSequence()).isEqualTo(records.size() + offsets.messages());
    }

    private void assertAtLeastOnce(List<Item> records) throws Exception {
        List<Revision> revisions = Revision.all(connection, AT_LEAST_ONCE);
        System.out.printf(
                "at least once: %d records, last sequence %d%n",
                records.size(), lastSequence(connection.jetStreamManagement(), AT_LEAST_ONCE));
        Map<String, Set<Entry>> found = new HashMap<>();
        revisions.forEach(revision ->
                found.computeIfAbsent(revision.key(), key -> new HashSet<>()).add(revision.entry()));
        byKey(records)
                .forEach((key, entries) -> assertThat(found.get(key)).as(key).containsAll(fromLastPurge(entries)));
    }

    private static Map<String, List<Entry>> byKey(List<Item> records) {
        Map<String, List<Entry>> entries = new LinkedHashMap<>();
        records.forEach(item ->
                entries.computeIfAbsent(item.key(), key -> new ArrayList<>()).add(item.entry()));
        return entries;
    }

    /** A purge removes what was before it. */
    private static List<Entry> fromLastPurge(List<Entry> entries) {
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (entries.get(i).operation().equals("PURGE")) {
                return entries.subList(i, entries.size());
            }
        }
        return entries;
    }

    private static Map<String, Entry> lastStates(List<Revision> revisions) {
        Map<String, Entry> last = new HashMap<>();
        revisions.forEach(revision -> last.put(revision.key(), revision.entry()));
        return last;
    }
}
