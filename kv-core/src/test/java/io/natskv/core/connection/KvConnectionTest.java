package io.natskv.core.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.KvEntry;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.PermissionException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.FreePorts;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Settings that change where requests go and how the server sees us: domain, API prefix, inbox prefix, name. */
class KvConnectionTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private static NatsConnectionConfig.Builder to(NatsServer server) {
        return PatientConnections.to(server.url());
    }

    /** Everything that goes over the wire: single operations, a watch, a writer, listings. */
    private static void everythingWorks(KvConnection connection, String name) {
        KvBuckets buckets = new KvBuckets(connection);
        buckets.create(BucketConfig.builder(name).history(5).build());
        KvBucket bucket = buckets.open(name);
        long first = bucket.put("a", "1");
        bucket.update("a", "2".getBytes(StandardCharsets.UTF_8), first);
        bucket.put("b", "3");
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            writer.submit(KvWrite.put("c", "4".getBytes(StandardCharsets.UTF_8)))
                    .orTimeout(DEADLINE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                    .join();
        }
        bucket.delete("b");
        assertThat(bucket.get("a").value()).asString().isEqualTo("2");
        assertThat(bucket.keys()).containsExactlyInAnyOrder("a", "c");
        assertThat(bucket.history("a")).hasSize(2);
        assertThat(buckets.names()).contains(name);
        try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
            assertThat(changes(watch, 3)).extracting(KvEntry::key).containsExactly("a", "c", "b");
            bucket.purge("c");
            assertThat(changes(watch, 1)).extracting(KvEntry::key).containsExactly("c");
        }
    }

    private static List<KvEntry> changes(KvWatch watch, int count) {
        List<KvEntry> changes = new ArrayList<>();
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (changes.size() < count && System.nanoTime() < deadline) {
            if (watch.next(Duration.ofMillis(200)) instanceof WatchEvent.Change change) {
                changes.add(change.entry());
            }
        }
        return changes;
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void aDomainIsReachedUnderItsNameOnly(NatsVersion version) {
        try (NatsServer server = NatsServer.builder()
                        .version(version)
                        .jetStreamConfig("domain: hub")
                        .start();
                KvConnection hub = KvConnection.open(to(server).domain("hub").build());
                KvConnection other =
                        KvConnection.open(to(server).domain("other").build())) {
            everythingWorks(hub, "b");
            assertThat(new KvBuckets(hub).open("b").subjects())
                    .isEqualTo(new BucketSubjects("b", "KV_b", "$KV.b.", "$JS.hub.API.$KV.b."));
            assertThatThrownBy(() -> new KvBuckets(other).open("b"))
                    .isInstanceOfSatisfying(UnavailableException.class, KvConnectionTest::assertNobodyListens);
        }
    }

    /** Two servers that know each other, each with a bucket of the same name: only the subject of a write decides where it lands. */
    @ParameterizedTest
    @EnumSource(names = {"V2_9", "V2_15"})
    void throughALeafWritesReachTheBucketOfTheDomain(NatsVersion version) {
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
                KvConnection here = KvConnection.open(to(leaf).build());
                KvConnection atHub = KvConnection.open(to(hub).build());
                KvConnection there = KvConnection.open(to(leaf).domain("hub").build())) {
            awaitDomain(leaf, "hub");
            KvBucket local = new KvBuckets(here).create(BucketConfig.of("b"));
            KvBucket remote = new KvBuckets(there).create(BucketConfig.of("b"));
            remote.put("key", "for the hub");
            local.put("key", "for the leaf");
            assertThat(remote.get("key").value()).asString().isEqualTo("for the hub");
            assertThat(local.get("key").value()).asString().isEqualTo("for the leaf");
            assertThat(new KvBuckets(atHub).open("b").get("key").value())
                    .asString()
                    .isEqualTo("for the hub");
            assertThat(remote.status().values()).isEqualTo(1);
            assertThat(local.status().values()).isEqualTo(1);
            everythingWorks(there, "whole");
        }
    }

    /** What is asked before the leaf node is connected gets lost. */
    private static void awaitDomain(NatsServer leaf, String domain) {
        NatsConnectionConfig hasty =
                to(leaf).domain(domain).requestTimeout(Duration.ofSeconds(1)).build();
        try (KvConnection connection = KvConnection.open(hasty)) {
            ReconnectTest.await(() -> connection
                    .api()
                    .serverLevel()
                    .handle((level, error) -> error == null)
                    .join());
        }
    }

    /** The account APP has no JetStream; it imports what is needed of HUB's, under a prefix. */
    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void theApiOfAnotherAccountIsReachedUnderItsPrefix(NatsVersion version) {
        String accounts = """
                accounts {
                  HUB {
                    jetstream: enabled
                    users: [ { user: hub, password: hub } ]
                    exports: [
                      { service: "$JS.API.INFO" }
                      { service: "$JS.API.STREAM.>" }
                      { service: "$JS.API.CONSUMER.>", response_type: stream }
                      { service: "$KV.>" }
                    ]
                  }
                  APP {
                    users: [ { user: app, password: app } ]
                    imports: [
                      { service: { account: HUB, subject: "$JS.API.INFO" }, to: "JS.hub.API.INFO" }
                      { service: { account: HUB, subject: "$JS.API.STREAM.>" }, to: "JS.hub.API.STREAM.>" }
                      { service: { account: HUB, subject: "$JS.API.CONSUMER.>" }, to: "JS.hub.API.CONSUMER.>" }
                      { service: { account: HUB, subject: "$KV.>" }, to: "JS.hub.API.$KV.>" }
                    ]
                  }
                }
                """;
        try (NatsServer server =
                        NatsServer.builder().version(version).config(accounts).start();
                KvConnection app = KvConnection.open(to(server)
                        .username("app")
                        .password("app".toCharArray())
                        .apiPrefix("JS.hub.API")
                        .build())) {
            everythingWorks(app, "b");
        }
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void anInboxPrefixIsUsedForEveryAnswer(NatsVersion version) {
        String config = """
                authorization { users: [
                  { user: kv, password: kv, permissions: { publish: [ "$JS.API.>", "$KV.b.>", "kv.in.>" ], subscribe: "kv.in.>" } }
                ] }
                """;
        try (NatsServer server =
                NatsServer.builder().version(version).config(config).start()) {
            NatsConnectionConfig.Builder login = to(server).username("kv").password("kv".toCharArray());
            try (KvConnection connection =
                    KvConnection.open(login.inboxPrefix("kv.in").build())) {
                everythingWorks(connection, "b");
            }
            try (KvConnection connection = KvConnection.open(
                    login.inboxPrefix("_INBOX").requestTimeout(DEADLINE).build())) {
                // Told once by the server, and known from then on.
                for (int i = 0; i < 2; i++) {
                    assertThatThrownBy(() -> new KvBuckets(connection).open("b"))
                            .isInstanceOf(PermissionException.class)
                            .hasMessageStartingWith("No permission to subscribe to subject \"_INBOX.");
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void aRequestOnASubjectThatIsNotPermittedFailsAtOnceAndOthersGoOn(NatsVersion version) {
        String config = """
                authorization { users: [
                  { user: kv, password: kv, permissions: { publish: { deny: "$JS.API.STREAM.INFO.>" } } }
                ] }
                """;
        try (NatsServer server =
                        NatsServer.builder().version(version).config(config).start();
                KvConnection connection = KvConnection.open(to(server)
                        .username("kv")
                        .password("kv".toCharArray())
                        .requestTimeout(DEADLINE)
                        .build())) {
            KvBuckets buckets = new KvBuckets(connection);
            CompletableFuture<KvBucket> refused = buckets.openAsync("b");
            assertThat(buckets.names()).isEmpty();
            assertThatThrownBy(refused::join)
                    .hasCauseInstanceOf(PermissionException.class)
                    .hasMessageContaining("No permission to publish to subject \"$JS.API.STREAM.INFO.KV_b\"");
            KvBucket created = buckets.create(BucketConfig.of("b"));
            assertThat(created.put("key", "value")).isEqualTo(1);
        }
    }

    @Test
    void aKeyThatMayNotBeWrittenFailsAtOnce() {
        String config = """
                authorization { users: [
                  { user: kv, password: kv, permissions: { publish: { deny: "$KV.b.secret.>" } } }
                ] }
                """;
        try (NatsServer server = NatsServer.builder().config(config).start();
                KvConnection connection = KvConnection.open(to(server)
                        .username("kv")
                        .password("kv".toCharArray())
                        .requestTimeout(DEADLINE)
                        .build())) {
            KvBucket bucket = new KvBuckets(connection).create(BucketConfig.of("b"));
            assertThatThrownBy(() -> bucket.put("secret.key", "value"))
                    .isInstanceOf(PermissionException.class)
                    .hasMessageContaining("$KV.b.secret.key");
            assertThat(bucket.put("open.key", "value")).isEqualTo(1);
        }
    }

    @Test
    void permissionsThatAreGrantedCountAfterTheNextReconnect() {
        String refusing = """
                authorization { users: [
                  { user: kv, password: kv, permissions: { publish: ">", subscribe: { deny: "_INBOX.>" } } }
                ] }
                """;
        try (NatsServer server = NatsServer.builder().config(refusing).start();
                KvConnection connection = KvConnection.open(
                        to(server).username("kv").password("kv".toCharArray()).build())) {
            KvBuckets buckets = new KvBuckets(connection);
            assertThatThrownBy(() -> buckets.names().toList()).isInstanceOf(PermissionException.class);
            server.kill();
            server.reload("authorization { users: [ { user: kv, password: kv } ] }");
            server.restart();
            ReconnectTest.await(() -> connection.reconnects() == 1);
            assertThat(buckets.names()).isEmpty();
        }
    }

    @Test
    void aRefusedPublishIsReportedToWhoListens() {
        String config =
                "authorization { users: [ { user: kv, password: kv, permissions: { publish: { deny: \"forbidden.>\" } } } ] }";
        List<KvErrors.Violation> violations = new CopyOnWriteArrayList<>();
        List<KvErrors.Violation> removed = new CopyOnWriteArrayList<>();
        java.util.function.Consumer<KvErrors.Violation> listener = removed::add;
        try (NatsServer server =
                        NatsServer.builder().jetStream(false).config(config).start();
                KvConnection connection = KvConnection.open(
                        to(server).username("kv").password("kv".toCharArray()).build())) {
            connection.onViolation(listener);
            connection.onViolation(violations::add);
            connection.removeViolationListener(listener);
            connection.nats().publish("forbidden.fruit", null);
            ReconnectTest.await(() -> !violations.isEmpty());
            assertThat(violations).containsExactly(new KvErrors.Violation("publish", "forbidden.fruit"));
            assertThat(removed).isEmpty();
        }
    }

    @Test
    void aWebSocketCarriesEverything() {
        int port = FreePorts.next();
        try (NatsServer server = NatsServer.builder()
                        .config("websocket { host: 127.0.0.1, port: " + port + ", no_tls: true }")
                        .start();
                KvConnection connection = PatientConnections.open("ws://localhost:" + port)) {
            everythingWorks(connection, "b");
            assertThat(server.alive()).isTrue();
        }
    }

    @Test
    void theServerShowsTheConnectionsName() throws Exception {
        try (NatsServer server = NatsServer.builder().jetStream(false).start();
                KvConnection connection = KvConnection.open(
                        to(server).connectionName("orders-to-kafka task 0").build())) {
            HttpResponse<String> connz = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(server.monitorUrl() + "/connz"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(connection.isConnected()).isTrue();
            assertThat(connz.body()).contains("\"name\": \"orders-to-kafka task 0\"");
        }
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void theServersLevelIsKnown(NatsVersion version) {
        try (NatsServer server = NatsServer.start(version);
                KvConnection connection = KvConnection.open(to(server).build())) {
            JetStreamApi.ServerLevel level = connection.api().serverLevel().join();
            assertThat(version.accepts(level.version())).isTrue();
            assertThat(level.apiLevel()).isEqualTo(version == NatsVersion.V2_15 ? 5 : 0);
        }
    }

    @Test
    void aServerWithoutJetStreamIsNoReasonToHang() {
        try (NatsServer server = NatsServer.builder().jetStream(false).start();
                KvConnection connection = KvConnection.open(to(server).build())) {
            assertThatThrownBy(() -> new KvBuckets(connection).open("b"))
                    .isInstanceOfSatisfying(UnavailableException.class, KvConnectionTest::assertNobodyListens)
                    .hasMessageContaining("$JS.API.STREAM.INFO.KV_b");
        }
    }

    /** The server said so: it was not waited for in vain. */
    private static void assertNobodyListens(UnavailableException failure) {
        assertThat(KvErrors.isNoResponders(failure.getCause()))
                .as("%s", failure.getCause())
                .isTrue();
    }
}
