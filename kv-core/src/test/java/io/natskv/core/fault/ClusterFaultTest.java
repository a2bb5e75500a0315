package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.JetStreamManagement;
import io.nats.client.api.ConsumerInfo;
import io.natskv.core.PatientConnections;
import io.natskv.core.Seed;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsCluster;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both engines against a model, over a bucket of three replicas whose servers die and whose leader changes. */
class ClusterFaultTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.cluster(NatsVersion.V2_15);

    private enum Fault {
        LEADER_STEPS_DOWN,
        LEADER_KILLED,
        FOLLOWER_KILLED,
        /** The server that runs the watch's consumer. */
        CONSUMER_KILLED,
        /** The server that the client is connected to. */
        CONNECTED_KILLED
    }

    @ParameterizedTest
    @EnumSource
    void bothEnginesGoOn(Fault fault) throws Exception {
        long seed = Seed.next();
        NatsCluster cluster = NATS.cluster();
        try (KvConnection connection = open(cluster.urls())) {
            KvBucket bucket = create(cluster, connection, Traffic.HISTORY);
            String stream = bucket.subjects().stream();
            try (Reading reading = Reading.of(bucket, Reading.everything());
                    Traffic traffic = Traffic.of(bucket, seed)) {
                reading.awaitMore(200);
                Optional<NatsServer> victim = inflict(fault, cluster, stream, connection);
                long from = System.nanoTime();
                try (Answers answers = Answers.of(cluster, stream)) {
                    long revision = traffic.probe();
                    long written = System.nanoTime();
                    reading.awaitRevision(revision);
                    long delivered = System.nanoTime();
                    System.out.printf(
                            "%s: stream answers after %d ms, JetStream API after %d ms; written after %d ms, delivered after %d ms%n",
                            fault,
                            millis(answers.ofStream() - from),
                            millis(answers.ofApi() - from),
                            millis(written - from),
                            millis(delivered - from));
                }
                if (victim.isPresent()) {
                    victim.get().restart();
                    cluster.awaitReady();
                    cluster.awaitReplicas(stream);
                }
                Map<String, List<String>> model = traffic.finish();
                cluster.awaitReplicas(stream);
                Traffic.assertNothingLost(reading, bucket, model, seed);
            }
        }
    }

    /**
     * A write that goes down with a leader's office is not waited for as long as others are answered; also where all of them are refused first,
     * because the writer does not know the revisions of keys that are there.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsLostIsSentAgainWhileOthersAreAnswered(boolean keysExist) throws Exception {
        NatsCluster cluster = NATS.cluster();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        try (KvConnection connection = open(cluster.urls())) {
            KvBucket bucket = create(cluster, connection, 1);
            if (keysExist) {
                fill(bucket, 50_000);
            }
            WriterOptions options = WriterOptions.DEFAULT
                    .withInFlight(1_000_000, 1L << 30)
                    .withTimeouts(Duration.ofSeconds(1), Reading.DEADLINE.multipliedBy(10));
            List<CompletableFuture<WriteResult>> results = new CopyOnWriteArrayList<>();
            try (KvWriter writer = bucket.writer(options)) {
                clock.scheduleAtFixedRate(
                        () -> results.add(writer.submit(KvWrite.put("k" + results.size(), Traffic.bytes("x")))),
                        0,
                        1,
                        TimeUnit.MILLISECONDS);
                for (int round = 0; round < 5; round++) {
                    inflict(Fault.LEADER_STEPS_DOWN, cluster, bucket.subjects().stream(), connection);
                    long stored = writer.stats().stored();
                    Awaitility.await()
                            .atMost(Reading.DEADLINE)
                            .until(() -> writer.stats().stored() > stored + 100);
                }
                List<CompletableFuture<WriteResult>> first = List.copyOf(results);
                Awaitility.await()
                        .atMost(Reading.DEADLINE)
                        .untilAsserted(() -> assertThat(first).allMatch(CompletableFuture::isDone));
                assertThat(first).noneMatch(CompletableFuture::isCompletedExceptionally);
                System.out.println(writer.stats());
            } finally {
                clock.shutdownNow();
            }
        }
    }

    /** Each creation looks through all keys: a cluster that is slow with them must not be asked for more and more of them. */
    @Test
    void manyWatchesBeginAtOnce() throws Exception {
        NatsCluster cluster = NATS.cluster();
        int watches = 60;
        try (KvConnection connection = open(cluster.urls())) {
            KvBucket bucket = create(cluster, connection, 1);
            String stream = bucket.subjects().stream();
            fill(bucket, 100_000);
            cluster.awaitReplicas(stream);
            Set<String> made = ConcurrentHashMap.newKeySet();
            connection
                    .nats()
                    .createDispatcher()
                    .subscribe(
                            "$JS.EVENT.ADVISORY.CONSUMER.CREATED." + stream + ".>",
                            advisory -> made.add(advisory.getSubject()));
            connection.nats().flush(Reading.DEADLINE);
            List<CompletableFuture<WatchEvent>> firsts = new ArrayList<>();
            ExecutorService readers = Executors.newFixedThreadPool(watches);
            try {
                for (int i = 0; i < watches; i++) {
                    firsts.add(CompletableFuture.supplyAsync(() -> firstChange(bucket), readers));
                }
                for (CompletableFuture<WatchEvent> first : firsts) {
                    assertThat(first.get(Reading.DEADLINE.toSeconds(), TimeUnit.SECONDS))
                            .isInstanceOf(WatchEvent.Change.class);
                }
            } finally {
                readers.shutdownNow();
            }
            System.out.println(watches + " watches had " + made.size() + " consumers");
            Awaitility.await()
                    .atMost(Reading.DEADLINE)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(
                                    connection.nats().jetStreamManagement().getConsumerNames(stream))
                            .isEmpty());
        }
    }

    private static WatchEvent firstChange(KvBucket bucket) {
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            WatchEvent event = null;
            while (!(event instanceof WatchEvent.Change)
                    && !Thread.currentThread().isInterrupted()) {
                event = watch.next(Duration.ofMillis(200));
            }
            return event;
        }
    }

    private static void fill(KvBucket bucket, int keys) {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            for (int i = 0; i < keys; i++) {
                writer.submit(KvWrite.put("k" + i, Traffic.bytes("0")));
            }
            assertThat(writer.flush(Reading.DEADLINE)).isTrue();
            assertThat(writer.stats().stored()).isEqualTo(keys);
        }
    }

    /** What it asks the API for has the usual time-out: that counts when a server dies. */
    private static KvConnection open(List<String> urls) {
        return KvConnection.open(NatsConnectionConfig.builder()
                .servers(urls)
                .connectTimeout(PatientConnections.CONNECT)
                .build());
    }

    private static KvBucket create(NatsCluster cluster, KvConnection connection, int history) {
        String name = "c" + UUID.randomUUID();
        try (KvConnection patient = PatientConnections.open(cluster.url())) {
            new KvBuckets(patient)
                    .create(BucketConfig.builder(name)
                            .replicas(3)
                            .history(history)
                            .build());
        }
        return new KvBuckets(connection).open(name);
    }

    /** Asks over and over, to tell how long the cluster itself takes to have leaders again. */
    private static final class Answers implements AutoCloseable {
        private static final Duration INTERVAL = Duration.ofMillis(20);

        private final KvConnection connection;
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        private final CompletableFuture<Long> stream = new CompletableFuture<>();
        private final CompletableFuture<Long> api = new CompletableFuture<>();

        private Answers(KvConnection connection) {
            this.connection = connection;
        }

        static Answers of(NatsCluster cluster, String stream) {
            List<String> running = cluster.nodes().stream()
                    .filter(NatsServer::alive)
                    .map(NatsServer::url)
                    .toList();
            KvConnection connection = open(running);
            Answers answers = new Answers(connection);
            answers.timer.scheduleAtFixedRate(() -> answers.ask(stream), 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
            return answers;
        }

        private void ask(String name) {
            if (!stream.isDone()) {
                connection.api().streamInfo(name).thenRun(() -> stream.complete(System.nanoTime()));
            }
            if (!api.isDone()) {
                connection.api().serverLevel().thenRun(() -> api.complete(System.nanoTime()));
            }
        }

        /** When the stream's leader answered for the first time. */
        long ofStream() throws Exception {
            return stream.get(Reading.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }

        /** When the leader of the cluster's metadata did, who also makes consumers. */
        long ofApi() throws Exception {
            return api.get(Reading.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            timer.shutdownNow();
            connection.close();
        }
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** Returns the server that is to be started again. */
    private static Optional<NatsServer> inflict(
            Fault fault, NatsCluster cluster, String stream, KvConnection connection) throws Exception {
        switch (fault) {
            case LEADER_STEPS_DOWN -> {
                JetStreamManagement admin = connection.nats().jetStreamManagement();
                String old = admin.getStreamInfo(stream).getClusterInfo().getLeader();
                connection.nats().request("$JS.API.STREAM.LEADER.STEPDOWN." + stream, new byte[0], Reading.DEADLINE);
                System.out.println(old + " steps down");
                return Optional.empty();
            }
            case LEADER_KILLED -> {
                return killed(cluster.leaderOf(stream));
            }
            case FOLLOWER_KILLED -> {
                return killed(cluster.followersOf(stream).get(0));
            }
            case CONSUMER_KILLED -> {
                List<ConsumerInfo> consumers =
                        connection.nats().jetStreamManagement().getConsumers(stream);
                return killed(cluster.node(consumers.get(0).getClusterInfo().getLeader()));
            }
            case CONNECTED_KILLED -> {
                return killed(cluster.node(connection.nats().getServerInfo().getServerName()));
            }
            default -> throw new AssertionError(fault);
        }
    }

    private static Optional<NatsServer> killed(NatsServer server) {
        server.kill();
        return Optional.of(server);
    }
}
