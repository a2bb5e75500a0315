package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.External;
import io.nats.client.api.Mirror;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.PatientConnections;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.FreePorts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Copies of a bucket, in the same JetStream domain and in others: each is read under its origin's subjects, and what is written to it goes to
 * the origin, by the way that leads there from the client's connection.
 */
class MirrorTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private static NatsConnectionConfig.Builder to(NatsServer server) {
        return PatientConnections.to(server.url());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Its history is long: a mirror stands still when the revision that a conditional write names was overwritten before it came by. */
    private static KvBucket origin(KvConnection connection, String name) {
        return new KvBuckets(connection)
                .create(BucketConfig.builder(name).history(64).build());
    }

    private static KvBucket mirror(KvConnection connection, String name, Mirror mirror) {
        KvBuckets buckets = new KvBuckets(connection);
        BucketConfig config =
                BucketConfig.builder(name).history(64).mirror(mirror).build();
        Awaitility.await().atMost(DEADLINE).ignoreExceptions().until(() -> buckets.create(config) != null);
        assertThat(buckets.create(config).name()).isEqualTo(name);
        return buckets.open(name);
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void inTheSameDomainUnderAnotherName(NatsVersion version) {
        try (NatsServer server = NatsServer.start(version);
                KvConnection connection = KvConnection.open(to(server).build())) {
            KvBucket origin = origin(connection, "origin");
            KvBucket copy =
                    mirror(connection, "copy", Mirror.builder().name("origin").build());
            assertThat(copy.subjects()).isEqualTo(new BucketSubjects("copy", "KV_copy", "$KV.origin.", "$KV.origin."));
            worksAsItsOrigin(origin, copy);
            createsOverMarkersThatHaveNotArrived(origin, copy);
        }
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void inAnotherDomain(NatsVersion version) {
        int port = FreePorts.next();
        try (NatsServer hub = NatsServer.builder()
                        .version(version)
                        .jetStreamConfig("domain: hub")
                        .config("leafnodes { host: 127.0.0.1, port: " + port + " }")
                        .start();
                NatsServer leaf = NatsServer.builder()
                        .version(version)
                        .jetStreamConfig("domain: leaf")
                        .config("leafnodes { remotes: [ { url: \"nats-leaf://127.0.0.1:" + port + "\" } ] }")
                        .start();
                KvConnection atHub = KvConnection.open(to(hub).build());
                KvConnection atLeaf = KvConnection.open(to(leaf).build());
                KvConnection hubFromLeaf =
                        KvConnection.open(to(leaf).domain("hub").build())) {
            KvBucket origin = origin(atHub, "origin");
            Mirror inHub = Mirror.builder().name("origin").domain("hub").build();
            KvBucket sameName = mirror(atLeaf, "origin", inHub);
            assertThat(sameName.subjects())
                    .isEqualTo(new BucketSubjects("origin", "KV_origin", "$KV.origin.", "$JS.hub.API.$KV.origin."));
            worksAsItsOrigin(origin, sameName);
            new KvBuckets(atLeaf).delete("origin");
            assertThat(origin.keys()).isNotEmpty();

            KvBucket copy = mirror(atLeaf, "copy", inHub);
            assertThat(copy.subjects())
                    .isEqualTo(new BucketSubjects("copy", "KV_copy", "$KV.origin.", "$JS.hub.API.$KV.origin."));
            worksAsItsOrigin(origin, copy);

            // In the domain of the connection, which is not that of its server.
            KvBucket near =
                    mirror(hubFromLeaf, "near", Mirror.builder().name("origin").build());
            assertThat(near.subjects())
                    .isEqualTo(new BucketSubjects("near", "KV_near", "$KV.origin.", "$JS.hub.API.$KV.origin."));
            worksAsItsOrigin(origin, near);

            // In a domain of the connection, of a bucket in another one.
            KvBucket local = origin(atLeaf, "local");
            KvBucket back = mirror(
                    hubFromLeaf,
                    "back",
                    Mirror.builder().name("local").domain("leaf").build());
            assertThat(back.subjects())
                    .isEqualTo(new BucketSubjects("back", "KV_back", "$KV.local.", "$JS.leaf.API.$KV.local."));
            worksAsItsOrigin(local, back);
            assertThat(new KvBuckets(hubFromLeaf).names()).containsExactly("origin");
            assertThat(new KvBuckets(hubFromLeaf).statuses().map(BucketStatus::bucket))
                    .containsExactly("origin");
        }
    }

    /** The origin lives in the account HUB. APP has streams of its own, and HUB's API under a prefix. */
    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void ofABucketInAnotherAccount(NatsVersion version) {
        String accounts = """
                accounts {
                  HUB {
                    jetstream: enabled
                    users: [ { user: hub, password: hub } ]
                    exports: [
                      { service: "$JS.API.>", response_type: stream }
                      { service: "$JS.FC.>" }
                      { service: "$KV.>" }
                      { stream: "deliver.app.>" }
                    ]
                  }
                  APP {
                    jetstream: enabled
                    users: [ { user: app, password: app } ]
                    imports: [
                      { service: { account: HUB, subject: "$JS.API.>" }, to: "JS.hub.API.>" }
                      { service: { account: HUB, subject: "$JS.FC.>" } }
                      { service: { account: HUB, subject: "$KV.>" }, to: "JS.hub.API.$KV.>" }
                      { stream: { account: HUB, subject: "deliver.app.>" } }
                    ]
                  }
                }
                """;
        try (NatsServer server =
                        NatsServer.builder().version(version).config(accounts).start();
                KvConnection hub = KvConnection.open(
                        to(server).username("hub").password("hub".toCharArray()).build());
                KvConnection app = KvConnection.open(
                        to(server).username("app").password("app".toCharArray()).build());
                KvConnection hubFromApp = KvConnection.open(to(server)
                        .username("app")
                        .password("app".toCharArray())
                        .apiPrefix("JS.hub.API")
                        .build())) {
            KvBucket origin = origin(hub, "origin");
            KvBucket copy = mirror(
                    app,
                    "copy",
                    Mirror.builder()
                            .name("origin")
                            .external(External.builder()
                                    .api("JS.hub.API")
                                    .deliver("deliver.app")
                                    .build())
                            .build());
            assertThat(copy.subjects())
                    .isEqualTo(new BucketSubjects("copy", "KV_copy", "$KV.origin.", "JS.hub.API.$KV.origin."));
            worksAsItsOrigin(origin, copy);

            KvBucket near =
                    mirror(hubFromApp, "near", Mirror.builder().name("origin").build());
            assertThat(near.subjects())
                    .isEqualTo(new BucketSubjects("near", "KV_near", "$KV.origin.", "JS.hub.API.$KV.origin."));
            worksAsItsOrigin(origin, near);
            management(new KvBuckets(hubFromApp), new KvBuckets(hub));
        }
    }

    /** A limit of older servers, and the reason for a paragraph in docs/kv-core.md. */
    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void aMirrorOfAnOldServerStandsStillAtAConditionWhoseRevisionIsGone(NatsVersion version) {
        try (NatsServer server = NatsServer.start(version);
                KvConnection connection = KvConnection.open(to(server).build())) {
            KvBucket origin = new KvBuckets(connection).create(BucketConfig.of("origin"));
            long last = origin.update("a", bytes("2"), origin.put("a", "1"));
            KvBucket copy =
                    mirror(connection, "copy", Mirror.builder().name("origin").build());
            if (version == NatsVersion.V2_15) {
                awaitRevision(copy, "a", last);
                return;
            }
            Awaitility.await()
                    .atMost(DEADLINE)
                    .until(() -> server.logTail().contains("Error processing inbound mirror message"));
            assertThat(copy.lastAsync("a").join()).isNull();
        }
    }

    /** All of management through a prefix, seen from the other side. */
    private static void management(KvBuckets far, KvBuckets near) {
        BucketConfig config =
                BucketConfig.builder("managed").description("1").history(2).build();
        KvBucket bucket = far.create(config);
        bucket.put("a", "1");
        bucket.delete("a");
        assertThat(near.open("managed").history("a")).hasSize(2);
        assertThat(bucket.purgeDeletes(Duration.ZERO)).isEqualTo(2);
        assertThat(near.open("managed").status().values()).isZero();
        far.update(config.toBuilder().description("2").history(3).build());
        assertThat(near.open("managed").status().history()).isEqualTo(3);
        far.createOrUpdate(config.toBuilder().description("3").build());
        assertThat(near.open("managed").status().stream().getConfiguration().getDescription())
                .isEqualTo("3");
        assertThat(far.names())
                .contains("managed")
                .containsExactlyInAnyOrderElementsOf(near.names().toList());
        assertThat(far.statuses().map(BucketStatus::bucket)).contains("managed");
        far.delete("managed");
        assertThat(near.names()).doesNotContain("managed");
    }

    private static void worksAsItsOrigin(KvBucket origin, KvBucket mirror) {
        String name = mirror.name() + "-";
        // Reads
        long first = origin.put(name + "a", "1");
        awaitRevision(mirror, name + "a", first);
        KvEntry entry = mirror.get(name + "a");
        assertThat(entry.bucket()).isEqualTo(mirror.name());
        assertThat(entry.value()).isEqualTo(bytes("1"));
        assertThat(entry.created()).isEqualTo(origin.get(name + "a").created());
        assertThat(mirror.get(name + "a", first)).isEqualTo(entry);
        // Writes, which the origin has as soon as they are acknowledged
        long second = mirror.update(name + "a", bytes("2"), first);
        assertThat(origin.get(name + "a").revision()).isEqualTo(second);
        assertThatThrownBy(() -> mirror.update(name + "a", bytes("3"), first))
                .isInstanceOfSatisfying(
                        WrongRevisionException.class,
                        e -> assertThat(e.actual()).isEqualTo(second));
        assertThat(mirror.create(name + "b", bytes("1"))).isEqualTo(second + 1);
        awaitRevision(mirror, name + "b", second + 1);
        assertThatThrownBy(() -> mirror.create(name + "b", bytes("2"))).isInstanceOf(KeyExistsException.class);
        long deleted = mirror.delete(name + "b");
        awaitRevision(mirror, name + "b", deleted);
        assertThat(origin.history(name + "b"))
                .extracting(KvEntry::operation)
                .containsExactly(KvOperation.PUT, KvOperation.DELETE);
        pipelined(origin, mirror, name + "w.");
        long last = mirror.put(name + "last", "x");
        // Listings
        awaitRevision(mirror, name + "last", last);
        assertThat(mirror.keys()).containsExactlyElementsOf(origin.keys());
        for (String key : List.of(name + "a", name + "b", name + "w.3", name + "none")) {
            assertThat(mirror.history(key))
                    .extracting(KvEntry::revision)
                    .containsExactlyElementsOf(
                            origin.history(key).stream().map(KvEntry::revision).toList());
        }
        assertThat(mirror.getAll(List.of(name + "a", name + "b", name + "last")))
                .containsOnlyKeys(name + "a", name + "last");
        watched(origin, mirror, name);
    }

    /** Half of the keys are known to the origin only, and written by another in between. */
    private static void pipelined(KvBucket origin, KvBucket mirror, String name) {
        IntStream.range(0, 10).filter(i -> i % 2 == 0).forEach(i -> origin.put(name + i, "foreign"));
        List<CompletableFuture<WriteResult>> results = new ArrayList<>();
        try (KvWriter writer = mirror.writer(WriterOptions.DEFAULT)) {
            for (int i = 0; i < 100; i++) {
                results.add(writer.submit(KvWrite.put(name + i % 10, bytes("v" + i))));
            }
            assertThat(writer.flush(DEADLINE)).isTrue();
            origin.put(name + "0", "foreign again");
            results.add(writer.submit(KvWrite.put(name + "0", bytes("v90"))));
            results.add(writer.submit(KvWrite.update(name + "new", bytes("1"), 0)));
            results.add(writer.submit(KvWrite.delete(name + "new")));
            results.add(writer.submit(KvWrite.delete(name + "1")));
            assertThat(writer.flush(DEADLINE)).isTrue();
            CompletableFuture<WriteResult> conflict = writer.submit(KvWrite.update(name + "2", bytes("lost"), 1));
            assertThatThrownBy(() -> conflict.get(DEADLINE.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(WrongRevisionException.class);
        }
        assertThat(results)
                .allSatisfy(result -> assertThat(result.get(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                                .outcome())
                        .isEqualTo(WriteResult.Outcome.STORED));
        for (int i = 0; i < 10; i++) {
            if (i != 1) {
                assertThat(origin.get(name + i).value()).isEqualTo(bytes("v9" + i));
            }
        }
        assertThat(origin.history(name + "1"))
                .last()
                .satisfies(entry -> assertThat(entry.operation()).isEqualTo(KvOperation.DELETE));
        assertThat(origin.history(name + "new")).hasSize(2);
    }

    private static void watched(KvBucket origin, KvBucket mirror, String name) {
        // Rare heartbeats: no machine stalls that long, so that each outage is one of the product's.
        WatchOptions options = WatchOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(10));
        try (KvWatch watch = mirror.watch(options);
                KvWatch updates = mirror.watch(options.withStart(WatchStart.updatesOnly()))) {
            assertThat(updates.next(DEADLINE)).isInstanceOf(WatchEvent.SnapshotEnd.class);
            List<String> keys = new ArrayList<>();
            WatchEvent event = watch.next(DEADLINE);
            for (; event instanceof WatchEvent.Change change; event = watch.next(DEADLINE)) {
                assertThat(change.entry().bucket()).isEqualTo(mirror.name());
                if (!change.entry().operation().isMarker()) {
                    keys.add(change.entry().key());
                }
            }
            assertThat(event).isInstanceOf(WatchEvent.SnapshotEnd.class);
            assertThat(keys).containsExactlyElementsOf(origin.keys());
            long put = origin.put(name + "live", "1");
            assertThat(revision(watch)).isEqualTo(put);
            assertThat(revision(updates)).isEqualTo(put);
            long purged = mirror.purge(name + "live");
            assertThat(revision(watch)).isEqualTo(purged);
            assertThat(revision(updates)).isEqualTo(purged);
        }
        assertThat(origin.history(name + "live"))
                .singleElement()
                .satisfies(marker -> assertThat(marker.operation()).isEqualTo(KvOperation.PURGE));
    }

    private static long revision(KvWatch watch) {
        WatchEvent event = watch.next(DEADLINE);
        assertThat(event).isInstanceOf(WatchEvent.Change.class);
        return ((WatchEvent.Change) event).entry().revision();
    }

    /** The mirror lags, the origin decides: a marker that has not arrived yet is no value. */
    private static void createsOverMarkersThatHaveNotArrived(KvBucket origin, KvBucket mirror) {
        for (int i = 0; i < 50; i++) {
            origin.put("late", "old");
            long marker = i % 2 == 0 ? origin.delete("late") : origin.purge("late");
            assertThat(mirror.create("late", bytes("new"))).isEqualTo(marker + 1);
            assertThat(origin.get("late").value()).isEqualTo(bytes("new"));
        }
    }

    private static void awaitRevision(KvBucket mirror, String key, long revision) {
        Awaitility.await().atMost(DEADLINE).pollInterval(Duration.ofMillis(10)).until(() -> {
            KvEntry last = mirror.lastAsync(key).join();
            return last != null && last.revision() >= revision;
        });
    }
}
