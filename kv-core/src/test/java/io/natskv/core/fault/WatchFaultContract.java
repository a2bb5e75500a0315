package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.JetStreamManagement;
import io.nats.client.PurgeOptions;
import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.Seed;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.KvException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a watch promises when somebody tampers with what it reads, to be run against each supported server. */
abstract class WatchFaultContract {
    private static final Duration DEADLINE = Reading.DEADLINE;

    private KvConnection connection;
    private KvBuckets buckets;
    private JetStreamManagement admin;

    abstract NatsServer server();

    @BeforeEach
    void open() throws IOException {
        connection = PatientConnections.open(server().url());
        buckets = new KvBuckets(connection);
        admin = connection.nats().jetStreamManagement();
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private KvBucket create(int history) {
        return buckets.create(
                BucketConfig.builder("f" + UUID.randomUUID()).history(history).build());
    }

    private static String stream(KvBucket bucket) {
        return bucket.subjects().stream();
    }

    private List<String> consumers(KvBucket bucket) throws Exception {
        return admin.getConsumerNames(stream(bucket));
    }

    private void deleteConsumers(KvBucket bucket) throws Exception {
        for (String name : consumers(bucket)) {
            try {
                admin.deleteConsumer(stream(bucket), name);
            } catch (io.nats.client.JetStreamApiException e) {
                assertThat(e.getApiErrorCode()).as("the watch was quicker").isEqualTo(10014);
            }
        }
    }

    @Test
    void losesNothingWhenItsConsumerIsDeletedUnderLoad() throws Exception {
        long seed = Seed.next();
        KvBucket bucket = create(Traffic.HISTORY);
        try (Reading reading = Reading.of(bucket, Reading.everything());
                Traffic traffic = Traffic.of(bucket, seed)) {
            for (int i = 0; i < 10; i++) {
                long recreations = reading.stats().recreations();
                reading.awaitMore(50);
                deleteConsumers(bucket);
                reading.await(r -> r.stats().recreations() > recreations);
            }
            Map<String, List<String>> model = traffic.finish();
            Traffic.assertNothingLost(reading, bucket, model, seed);
        }
        Awaitility.await().atMost(DEADLINE).until(() -> consumers(bucket).isEmpty());
    }

    @Test
    void losesNothingWhenTheReaderPausesLongerThanItsConsumerLives() throws Exception {
        long seed = Seed.next();
        KvBucket bucket = create(Traffic.HISTORY);
        WatchOptions options =
                Reading.everything().withBuffer(100, 64 * 1024).withInactiveThreshold(Duration.ofSeconds(1));
        try (Reading reading = Reading.of(bucket, options);
                Traffic traffic = Traffic.of(bucket, seed)) {
            for (int i = 0; i < 2; i++) {
                reading.awaitMore(200);
                reading.pause();
                // It has sent all it was asked for by then, and hears no more of its reader.
                Awaitility.await()
                        .atMost(DEADLINE)
                        .until(() -> consumers(bucket).isEmpty());
                assertThat(reading.stats().bufferedEntries()).isLessThanOrEqualTo(100);
                long last = bucket.status().lastRevision();
                assertThat(last).isGreaterThan(reading.seen() + 100);
                reading.resume();
                reading.awaitRevision(last);
            }
            assertThat(reading.stats().recreations()).isGreaterThanOrEqualTo(2);
            Map<String, List<String>> model = traffic.finish();
            Traffic.assertNothingLost(reading, bucket, model, seed);
        }
    }

    @Test
    void goesOnOverPurgesOfTheStream() throws Exception {
        KvBucket bucket = create(1);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        AtomicInteger number = new AtomicInteger();
        Map<String, String> model = new HashMap<>();
        try (Reading reading = Reading.of(bucket, Reading.everything());
                KvWriter writer = bucket.writer(Traffic.options())) {
            clock.scheduleWithFixedDelay(
                    () -> {
                        for (int i = 0; i < 4; i++) {
                            int n = number.getAndIncrement();
                            String key = (n % 2 == 0 ? "a." : "b.") + n % 50;
                            model.put(key, "PUT v" + n);
                            writer.submit(KvWrite.put(key, Traffic.bytes("v" + n)));
                        }
                    },
                    0,
                    1,
                    TimeUnit.MILLISECONDS);
            for (int i = 0; i < 10; i++) {
                reading.awaitMore(100);
                if (i % 2 == 0) {
                    admin.purgeStream(stream(bucket), PurgeOptions.subject("$KV." + bucket.name() + ".a.>"));
                } else {
                    admin.purgeStream(stream(bucket));
                }
            }
            // Each key once more, so that the purges have taken away nothing that the model holds.
            int last = number.get() + 100;
            Awaitility.await().atMost(DEADLINE).until(() -> number.get() > last);
            clock.shutdown();
            assertThat(clock.awaitTermination(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(writer.flush(DEADLINE)).isTrue();
            assertThat(writer.stats().failed()).isZero();
            reading.awaitRevision(bucket.status().lastRevision());
            List<KvEntry> stored = Traffic.everything(bucket);
            List<KvEntry> read = reading.finish();
            Map<String, String> lastStored = new HashMap<>();
            stored.forEach(entry -> lastStored.put(entry.key(), Traffic.text(entry)));
            Map<String, String> lastRead = new HashMap<>();
            read.forEach(entry -> lastRead.put(entry.key(), Traffic.text(entry)));
            assertThat(lastStored).isEqualTo(model);
            assertThat(lastRead).isEqualTo(model);
            assertThat(reading.others()).noneMatch(WatchEvent.PositionLost.class::isInstance);
        } finally {
            clock.shutdownNow();
        }
    }

    @Test
    void aSnapshotEndsThoughTheRestOfItIsPurged() throws Exception {
        KvBucket bucket = create(1);
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            for (int i = 0; i < 2_000; i++) {
                writer.submit(KvWrite.put("k" + i, Traffic.bytes("x")));
            }
            assertThat(writer.flush(DEADLINE)).isTrue();
        }
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT.withBuffer(50, 64 * 1024))) {
            for (int i = 0; i < 10; i++) {
                assertThat(changeOf(watch)).isEqualTo(i + 1);
            }
            admin.purgeStream(stream(bucket));
            long revision = bucket.put("new", "x");
            List<Long> rest = new ArrayList<>();
            WatchEvent event = nextOfBucket(watch);
            while (event instanceof WatchEvent.Change change) {
                rest.add(change.entry().revision());
                event = nextOfBucket(watch);
            }
            assertThat(event).isEqualTo(new WatchEvent.SnapshotEnd(2_000));
            assertThat(rest).isSorted().allMatch(seen -> seen <= 2_000);
            assertThat(changeOf(watch)).isEqualTo(revision);
        }
    }

    /** The next event that tells of the bucket; a machine that stalls looks like an outage. */
    private static WatchEvent nextOfBucket(KvWatch watch) {
        WatchEvent event = watch.next(DEADLINE);
        while (event instanceof WatchEvent.Unavailable || event instanceof WatchEvent.Available) {
            event = watch.next(DEADLINE);
        }
        return event;
    }

    private static long changeOf(KvWatch watch) {
        return ((WatchEvent.Change) nextOfBucket(watch)).entry().revision();
    }

    @Test
    void noticesABucketThatIsMadeAnewUnderLoad() throws Exception {
        KvBucket bucket = create(Traffic.HISTORY);
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        AtomicInteger number = new AtomicInteger();
        List<WatchEvent.PositionLost> lost = new ArrayList<>();
        try (Reading reading = Reading.of(bucket, Reading.everything(), event -> {
            lost.add(event);
            return WatchStart.history();
        })) {
            clock.scheduleWithFixedDelay(() -> write(bucket, number.getAndIncrement()), 0, 1, TimeUnit.MILLISECONDS);
            for (int round = 1; round <= 3; round++) {
                reading.awaitMore(100);
                buckets.delete(bucket.name());
                if (round == 2) {
                    // Once it stays away until the watch knows.
                    reading.await(r -> r.others().stream().anyMatch(WatchEvent.BucketDeleted.class::isInstance));
                }
                buckets.create(BucketConfig.builder(bucket.name())
                        .history(Traffic.HISTORY)
                        .build());
                int times = round;
                reading.await(r -> r.others().stream()
                                .filter(WatchEvent.PositionLost.class::isInstance)
                                .count()
                        == times);
            }
            reading.awaitMore(100);
            clock.shutdown();
            assertThat(clock.awaitTermination(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            reading.awaitRevision(bucket.status().lastRevision());
            assertThat(reading.finish()).isEqualTo(withDeltasOf(reading.entries(), Traffic.everything(bucket)));
            assertThat(lost)
                    .hasSize(3)
                    .allSatisfy(
                            event -> assertThat(event.reason()).isEqualTo(WatchEvent.PositionLost.Reason.RECREATED));
        } finally {
            clock.shutdownNow();
        }
    }

    /** What was still to come is told at another moment. */
    private static List<KvEntry> withDeltasOf(List<KvEntry> read, List<KvEntry> stored) {
        assertThat(stored).hasSameSizeAs(read);
        List<KvEntry> same = new ArrayList<>();
        for (int i = 0; i < read.size(); i++) {
            KvEntry entry = stored.get(i);
            same.add(new KvEntry(
                    entry.bucket(),
                    entry.key(),
                    entry.value(),
                    entry.revision(),
                    entry.created(),
                    read.get(i).delta(),
                    entry.operation(),
                    entry.headers()));
        }
        return same;
    }

    private static void write(KvBucket bucket, int number) {
        try {
            bucket.put("k" + number % 20, "v" + number);
        } catch (KvException e) {
            // the bucket is away
        }
    }

    @Test
    void keepsItsPositionWhenTheTimeOfCreationChanges() throws Exception {
        long seed = Seed.next();
        KvBucket bucket = create(Traffic.HISTORY);
        Instant created = bucket.status().created();
        server().restart();
        try (Reading reading = Reading.of(bucket, Reading.everything());
                Traffic traffic = Traffic.of(bucket, seed)) {
            reading.awaitMore(200);
            // Below 2.15, such an update between two restarts does it.
            buckets.update(BucketConfig.builder(bucket.name())
                    .history(Traffic.HISTORY)
                    .description("changed")
                    .build());
            server().kill();
            server().restart();
            reading.awaitMore(200);
            Awaitility.await().atMost(DEADLINE).until(connection::isConnected);
            boolean kept = server().version().atLeast(NatsVersion.V2_15);
            assertThat(bucket.status().created().equals(created)).isEqualTo(kept);
            Map<String, List<String>> model = traffic.finish();
            Traffic.assertNothingLost(reading, bucket, model, seed);
        }
    }

    @Test
    void aStormOfReconnectsLeavesNothingBehind() throws Exception {
        long seed = Seed.next();
        KvBucket bucket = create(Traffic.HISTORY);
        WatchOptions options = Reading.everything().withInactiveThreshold(Duration.ofSeconds(1));
        try (TcpProxy proxy = TcpProxy.to(server());
                KvConnection throughProxy = KvConnection.open(NatsConnectionConfig.builder()
                        .servers(List.of(proxy.url()))
                        .ignoreDiscoveredServers(true)
                        .connectionName("storm")
                        .reconnectWait(Duration.ofMillis(10))
                        .reconnectJitter(Duration.ofMillis(5))
                        .build())) {
            KvBucket cut = new KvBuckets(throughProxy).open(bucket.name());
            try (Reading reading = Reading.of(cut, options);
                    Traffic traffic = Traffic.of(cut, seed)) {
                reading.awaitMore(100);
                int subscriptions = subscriptions("storm");
                for (int i = 0; i < 30; i++) {
                    long reconnects = throughProxy.reconnects();
                    proxy.cut();
                    Awaitility.await()
                            .atMost(DEADLINE)
                            .pollInterval(Duration.ofMillis(2))
                            .until(() -> throughProxy.reconnects() > reconnects);
                    if (i % 3 == 0) {
                        // Now and then it gets far enough to have a new consumer, else it is cut on the way.
                        reading.awaitMore(1);
                    }
                }
                reading.awaitMore(100);
                Awaitility.await()
                        .atMost(DEADLINE)
                        .untilAsserted(() -> assertThat(consumers(bucket)).hasSize(1));
                Awaitility.await()
                        .atMost(DEADLINE)
                        .untilAsserted(() -> assertThat(subscriptions("storm")).isEqualTo(subscriptions));
                Map<String, List<String>> model = traffic.finish();
                Traffic.assertNothingLost(reading, bucket, model, seed);
            }
            Awaitility.await().atMost(DEADLINE).until(() -> consumers(bucket).isEmpty());
        }
    }

    /** The subscriptions of the connection of that name, as the server counts them; -1 while there is no such connection. */
    private int subscriptions(String name) throws Exception {
        HttpResponse<String> connz = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server().monitorUrl() + "/connz"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        Matcher matcher =
                Pattern.compile("\\{[^{}]*\"name\": \"" + name + "\"[^{}]*}").matcher(connz.body());
        if (!matcher.find()) {
            return -1;
        }
        Matcher count = Pattern.compile("\"subscriptions\": (\\d+)").matcher(matcher.group());
        return count.find() ? Integer.parseInt(count.group(1)) : -1;
    }
}
