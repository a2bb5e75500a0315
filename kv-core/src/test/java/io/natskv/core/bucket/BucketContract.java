package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.nats.client.JetStreamManagement;
import io.nats.client.KeyValue;
import io.nats.client.KeyValueOptions;
import io.nats.client.api.CompressionOption;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.KeyValueConfiguration;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.impl.Headers;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.PatientConnections;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.HistoryTooLargeException;
import io.natskv.core.error.InvalidBucketException;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.KeyNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvServerException;
import io.natskv.core.error.NotAKvBucketException;
import io.natskv.core.error.ValueTooLargeException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What buckets and single operations promise, to be run against each supported server. */
abstract class BucketContract {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private KvConnection connection;
    private KvBuckets buckets;
    private KvBucket bucket;

    abstract NatsServer server();

    /** How many servers hold each bucket. */
    int replicas() {
        return 1;
    }

    @BeforeEach
    void open() {
        connection = PatientConnections.open(server().url());
        buckets = new KvBuckets(connection);
        bucket = buckets.create(config(unique()).history(5).build());
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private static String unique() {
        return "b" + UUID.randomUUID();
    }

    private BucketConfig.Builder config(String name) {
        return BucketConfig.builder(name).replicas(replicas());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The same bucket through jnats' own KV client. */
    private KeyValue jnats() throws Exception {
        return connection
                .nats()
                .keyValue(bucket.name(), KeyValueOptions.builder().build());
    }

    private JetStreamManagement streams() throws Exception {
        return connection.nats().jetStreamManagement();
    }

    @Test
    void getsWhatWasPut() throws Exception {
        Instant before = Instant.now().minusSeconds(5);
        assertThat(bucket.put("a.b", "1")).isEqualTo(1);
        assertThat(bucket.put("a.b", bytes("2"))).isEqualTo(2);
        KvEntry entry = bucket.get("a.b");
        assertThat(entry)
                .isEqualTo(new KvEntry(
                        bucket.name(), "a.b", bytes("2"), 2, entry.created(), 0, KvOperation.PUT, KvEntry.NO_HEADERS));
        assertThat(entry.created()).isBetween(before, Instant.now().plusSeconds(5));
        // It asks any of the replicas, also one that lags.
        Awaitility.await()
                .atMost(DEADLINE)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(jnats().get("a.b").getValue()).isEqualTo(bytes("2")));
        jnats().put("a.b", bytes("3"));
        assertThat(bucket.get("a.b").value()).isEqualTo(bytes("3"));
    }

    @Test
    void keepsEachByteOfAValue() {
        byte[] all = new byte[256];
        IntStream.range(0, 256).forEach(i -> all[i] = (byte) i);
        bucket.put("all", all);
        assertThat(bucket.get("all").value()).isEqualTo(all);
        byte[] large = new byte[1_000_000];
        bucket.put("large", large);
        assertThat(bucket.get("large").value()).isEqualTo(large);
    }

    @Test
    void anEmptyValueIsAValue() {
        bucket.put("empty", new byte[0]);
        assertThat(bucket.get("empty").operation()).isEqualTo(KvOperation.PUT);
        assertThat(bucket.get("empty").value()).isEmpty();
        assertThat(bucket.keys()).containsExactly("empty");
        assertThatThrownBy(() -> bucket.create("empty", bytes("x"))).isInstanceOf(KeyExistsException.class);
    }

    @Test
    void takesEachCharacterThatAKeyMayHoldAndTheLongestKey() {
        String odd = "_kv-/=.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        String longest = "k".repeat(KvNames.MAX_KEY_LENGTH);
        for (String key : List.of(odd, longest)) {
            bucket.put(key, key);
            assertThat(bucket.get(key).value()).isEqualTo(bytes(key));
            bucket.delete(key);
            assertThat(bucket.history(key)).hasSize(2);
        }
    }

    @Test
    void putKeepsHeadersButNoneThatMeansSomething() {
        Headers headers = new Headers()
                .add("Trace", "1", "2")
                .add("KV-Operation", "DEL")
                .add("Nats-Rollup", "sub")
                .add("Nats-Expected-Last-Subject-Sequence", "99");
        bucket.put("k", "1");
        long revision = bucket.putAsync("k", bytes("2"), headers).join();
        KvEntry entry = bucket.get("k");
        assertThat(entry.revision()).isEqualTo(revision);
        assertThat(entry.operation()).isEqualTo(KvOperation.PUT);
        assertThat(entry.headers().keySet()).containsExactly("Trace");
        assertThat(entry.headers().get("Trace")).containsExactly("1", "2");
        assertThat(bucket.history("k")).hasSize(2);
    }

    @Test
    void getOfAKeyWithoutValueNamesBoth() {
        assertThatThrownBy(() -> bucket.get("none"))
                .isInstanceOf(KeyNotFoundException.class)
                .hasMessageContainingAll("\"none\"", "\"" + bucket.name() + "\"");
        bucket.put("gone", "1");
        bucket.delete("gone");
        assertThatThrownBy(() -> bucket.get("gone")).isInstanceOf(KeyNotFoundException.class);
        bucket.purge("gone");
        assertThatThrownBy(() -> bucket.get("gone")).isInstanceOf(KeyNotFoundException.class);
        assertThat(bucket.lastAsync("none").join()).isNull();
        assertThat(bucket.lastAsync("gone").join().operation()).isEqualTo(KvOperation.PURGE);
    }

    @Test
    void getsOneRevision() {
        long first = bucket.put("k", "1");
        long other = bucket.put("other", "x");
        long second = bucket.put("k", "2");
        long marker = bucket.delete("k");
        assertThat(bucket.get("k", first).value()).isEqualTo(bytes("1"));
        assertThat(bucket.get("k", second).revision()).isEqualTo(second);
        assertThat(bucket.get("k", marker).operation()).isEqualTo(KvOperation.DELETE);
        assertThatThrownBy(() -> bucket.get("k", other)).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> bucket.get("k", marker + 1)).isInstanceOf(KeyNotFoundException.class);
        for (long revision : new long[] {0, -1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> bucket.get("k", revision))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("A revision must be 1 or more, not " + revision);
        }
    }

    @Test
    void createsWhereThereIsNoValue() {
        assertThat(bucket.create("k", bytes("1"))).isEqualTo(1);
        assertThatThrownBy(() -> bucket.create("k", bytes("2")))
                .isInstanceOf(KeyExistsException.class)
                .hasMessage("Key \"k\" exists in bucket \"" + bucket.name() + "\"");
        assertThat(bucket.get("k").value()).isEqualTo(bytes("1"));
    }

    @Test
    void createsOverMarkers() throws Exception {
        bucket.put("k", "1");
        bucket.delete("k");
        assertThat(bucket.create("k", bytes("2"))).isEqualTo(3);
        bucket.purge("k");
        assertThat(bucket.create("k", bytes("3"))).isEqualTo(5);
        jnats().delete("k");
        assertThat(bucket.create("k", bytes("4"))).isEqualTo(7);
        assertThat(bucket.get("k").value()).isEqualTo(bytes("4"));
    }

    @Test
    void ofManyCreatesOneSucceeds() {
        bucket.put("k", "old");
        bucket.delete("k");
        List<CompletableFuture<Long>> creates = IntStream.range(0, 20)
                .mapToObj(i -> bucket.createAsync("k", bytes("value " + i)))
                .toList();
        creates.forEach(create -> create.handle((revision, error) -> null).join());
        assertThat(creates)
                .filteredOn(create -> !create.isCompletedExceptionally())
                .hasSize(1);
        assertThat(creates)
                .filteredOn(CompletableFuture::isCompletedExceptionally)
                .allSatisfy(create -> assertThatThrownBy(create::join).hasCauseInstanceOf(KeyExistsException.class));
    }

    @Test
    void updatesTheExpectedRevisionOnly() {
        long first = bucket.update("k", bytes("1"), 0);
        long second = bucket.update("k", bytes("2"), first);
        bucket.put("other", "x");
        WrongRevisionException wrong =
                catchThrowableOfType(WrongRevisionException.class, () -> bucket.update("k", bytes("3"), first));
        assertThat(wrong.expected()).isEqualTo(first);
        assertThat(wrong.actual()).isEqualTo(second);
        assertThat(wrong).hasMessageContainingAll("\"k\"", bucket.name());
        assertThat(wrong.errorClass()).isEqualTo(ErrorClass.REJECTED);
        assertThatThrownBy(() -> bucket.update("k", bytes("3"), 0)).isInstanceOf(WrongRevisionException.class);
        assertThatThrownBy(() -> bucket.update("new", bytes("3"), 99)).isInstanceOf(WrongRevisionException.class);
        assertThat(bucket.get("k").value()).isEqualTo(bytes("2"));
        long marker = bucket.delete("k");
        assertThat(bucket.update("k", bytes("4"), marker)).isGreaterThan(marker);
    }

    @Test
    void anExpectationThatIsNoRevisionIsNeverIgnored() {
        bucket.put("k", "1");
        for (long revision : new long[] {-1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> bucket.update("k", bytes("2"), revision))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("A revision must be 0 or more, not " + revision);
        }
        for (long revision : new long[] {0, -1}) {
            assertThatThrownBy(() -> bucket.delete("k", revision)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> bucket.purge("k", revision)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(bucket.history("k")).hasSize(1);
    }

    @Test
    void deletesAndKeepsTheHistory() {
        bucket.put("k", "1");
        assertThat(bucket.delete("k")).isEqualTo(2);
        assertThat(bucket.history("k"))
                .extracting(KvEntry::operation)
                .containsExactly(KvOperation.PUT, KvOperation.DELETE);
        assertThat(bucket.delete("never.written")).isEqualTo(3);
    }

    @Test
    void deletesTheExpectedRevisionOnly() {
        long revision = bucket.put("k", "1");
        assertThatThrownBy(() -> bucket.delete("k", revision + 1)).isInstanceOf(WrongRevisionException.class);
        assertThat(bucket.get("k").value()).isEqualTo(bytes("1"));
        assertThat(bucket.delete("k", revision)).isEqualTo(2);
        assertThatThrownBy(() -> bucket.delete("k", revision)).isInstanceOf(WrongRevisionException.class);
    }

    @Test
    void purgesTheHistory() throws Exception {
        bucket.put("k", "1");
        bucket.put("other", "x");
        bucket.put("k", "2");
        assertThat(bucket.purge("k")).isEqualTo(4);
        assertThat(bucket.history("k")).singleElement().satisfies(entry -> {
            assertThat(entry.operation()).isEqualTo(KvOperation.PURGE);
            assertThat(entry.value()).isEmpty();
        });
        // Its consumer may be made by a server whose replica lags.
        Awaitility.await()
                .atMost(DEADLINE)
                .untilAsserted(() -> assertThat(jnats().history("k")).hasSize(1));
        assertThat(bucket.get("other").value()).isEqualTo(bytes("x"));
    }

    @Test
    void purgesTheExpectedRevisionOnly() {
        long revision = bucket.put("k", "1");
        bucket.put("k", "2");
        assertThatThrownBy(() -> bucket.purge("k", revision)).isInstanceOf(WrongRevisionException.class);
        assertThat(bucket.history("k")).hasSize(2);
        assertThat(bucket.purge("k", revision + 1)).isEqualTo(3);
        assertThat(bucket.history("k")).hasSize(1);
    }

    @Test
    void keepsAsManyRevisionsAsItWasCreatedFor() {
        for (int i = 1; i <= 7; i++) {
            bucket.put("k", "v" + i);
            bucket.put("k.other", "v" + i);
        }
        assertThat(bucket.history("k"))
                .extracting(entry -> new String(entry.value(), StandardCharsets.UTF_8))
                .containsExactly("v3", "v4", "v5", "v6", "v7");
        assertThat(bucket.history("k")).extracting(KvEntry::key).containsOnly("k");
        assertThat(bucket.history("none")).isEmpty();
    }

    @Test
    void listsTheKeysThatHaveAValueInTheOrderOfTheirLastRevisions() {
        assertThat(bucket.keys()).isEmpty();
        for (String key : List.of("a.1", "a.2", "b.1", "gone", "purged", "c.x.y")) {
            bucket.put(key, "1");
        }
        bucket.delete("gone");
        bucket.purge("purged");
        bucket.put("a.1", "2");
        assertThat(bucket.keys()).containsExactly("a.2", "b.1", "c.x.y", "a.1");
        assertThat(keys("a.*")).containsExactly("a.2", "a.1");
        assertThat(keys("*.1")).containsExactly("b.1", "a.1");
        assertThat(keys("c.>")).containsExactly("c.x.y");
        assertThat(keys("none.>")).isEmpty();
        if (server().version().atLeast(NatsVersion.V2_10)) {
            assertThat(keys("a.*", "c.>")).containsExactly("a.2", "c.x.y", "a.1");
        } else {
            assertThatThrownBy(() -> keys("a.*", "c.>")).isInstanceOf(FeatureUnsupportedException.class);
        }
    }

    private List<String> keys(String... filters) {
        List<String> found = new ArrayList<>();
        bucket.keys(Stream.of(filters).map(KeyFilter::new).toList(), Duration.ofSeconds(30), key -> {
            if (replicas() > 1) {
                found.remove(key); // it comes twice from a replica that has only now caught up
            }
            found.add(key);
        });
        return found;
    }

    @Test
    void refusesMalformedKeysBeforeAnythingIsSent() {
        for (String key : new String[] {null, "", ".a", "a.", "a..b", "a b", "*", "a.>", "k".repeat(5_000)}) {
            assertThatThrownBy(() -> bucket.put(key, "x")).isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> bucket.get(key)).isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> bucket.get(key, 1)).isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> bucket.create(key, bytes("x"))).isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> bucket.update(key, bytes("x"), 1)).isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> bucket.delete(key)).isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> bucket.purge(key)).isInstanceOf(InvalidKeyException.class);
            assertThatThrownBy(() -> bucket.history(key)).isInstanceOf(InvalidKeyException.class);
        }
        assertThat(bucket.status().lastRevision()).isZero();
    }

    @Test
    void aValueAboveTheBucketsLimitIsRejected() {
        KvBucket small =
                buckets.create(config(unique()).maxBytes(-1).maxValueSize(100).build());
        small.put("k", new byte[100]);
        assertThatThrownBy(() -> small.put("k", new byte[101]))
                .isInstanceOfSatisfying(KvServerException.class, e -> {
                    assertThat(e.code()).isEqualTo(KvErrors.MESSAGE_TOO_LARGE);
                    assertThat(e.errorClass()).isEqualTo(ErrorClass.REJECTED);
                })
                .hasMessageContainingAll("\"k\"", small.name());
    }

    @Test
    void aValueAboveTheServersLimitIsRejectedBeforeItIsSent() {
        int limit = (int) connection.nats().getMaxPayload();
        bucket.put("k", new byte[limit]);
        assertThatThrownBy(() -> bucket.put("k", new byte[limit + 1]))
                .isInstanceOf(ValueTooLargeException.class)
                .hasMessageContainingAll("\"k\"", bucket.name(), "max_payload of the server");
        // headers count
        assertThatThrownBy(() -> bucket.update("k", new byte[limit], 1)).isInstanceOf(ValueTooLargeException.class);
        assertThat(bucket.get("k").revision()).isEqualTo(1);
    }

    @Test
    void aFullBucketIsAReasonToTryAgain() {
        KvBucket full =
                buckets.create(config(unique()).maxBytes(1_000).maxValueSize(-1).build());
        full.put("k", new byte[500]);
        assertThatThrownBy(() -> full.put("other", new byte[500]))
                .isInstanceOfSatisfying(KvServerException.class, e -> {
                    assertThat(e.code()).isEqualTo(KvErrors.STORE_FAILED);
                    assertThat(e.errorClass()).isEqualTo(ErrorClass.TRANSIENT);
                });
        assertThat(full.get("k").valueLength()).isEqualTo(500);
    }

    @Test
    void showsStateAndSettings() {
        KvBucket settings = buckets.create(config(unique())
                .history(3)
                .ttl(Duration.ofMinutes(1))
                .storage(StorageType.Memory)
                .maxBytes(1 << 20)
                .maxValueSize(1_000)
                .description("orders by number")
                .build());
        Instant now = Instant.now();
        settings.put("a", "1");
        settings.put("a", "2");
        settings.put("b", "3");
        settings.delete("b");
        BucketStatus status = settings.status();
        assertThat(status.bucket()).isEqualTo(settings.name());
        assertThat(status.values()).isEqualTo(4);
        assertThat(status.history()).isEqualTo(3);
        assertThat(status.ttl()).isEqualTo(Duration.ofMinutes(1));
        assertThat(status.lastRevision()).isEqualTo(4);
        assertThat(status.bytes()).isPositive();
        assertThat(status.backingStore()).isEqualTo("JetStream");
        assertThat(status.compressed()).isFalse();
        assertThat(status.created()).isBetween(now.minusSeconds(60), now.plusSeconds(60));
        StreamConfiguration stream = status.stream().getConfiguration();
        assertThat(stream.getDescription()).isEqualTo("orders by number");
        assertThat(stream.getStorageType()).isEqualTo(StorageType.Memory);
        assertThat(stream.getMaxBytes()).isEqualTo(1 << 20);
        assertThat(stream.getMaximumMessageSize()).isEqualTo(1_000);
        assertThat(stream.getDuplicateWindow()).isEqualTo(Duration.ofMinutes(1));
    }

    /** The fixed settings of ADR-8, the same that jnats gives a bucket. */
    @Test
    void createsTheStreamThatOtherClientsCreate() throws Exception {
        String theirs = unique();
        connection
                .nats()
                .keyValueManagement()
                .create(KeyValueConfiguration.builder()
                        .name(theirs)
                        .maxHistoryPerKey(5)
                        .replicas(replicas())
                        .build());
        StreamConfiguration expected = streams().getStreamInfo("KV_" + theirs).getConfiguration();
        StreamConfiguration ours = bucket.status().stream().getConfiguration();
        assertThat(ours.getSubjects()).containsExactly("$KV." + bucket.name() + ".>");
        assertThat(ours.getDiscardPolicy()).isEqualTo(DiscardPolicy.New).isEqualTo(expected.getDiscardPolicy());
        assertThat(ours.toJson().replace(bucket.name(), theirs)).isEqualTo(expected.toJson());
        KvBucket opened = buckets.open(theirs);
        assertThat(opened.put("k", "1")).isEqualTo(1);
        // Which is why creating theirs again opens it.
        assertThat(buckets.create(config(theirs).history(5).build()).get("k").value())
                .isEqualTo(bytes("1"));
    }

    @Test
    void compressesWhereTheServerCan() {
        BucketConfig config = config(unique()).compression(true).build();
        if (server().version().atLeast(NatsVersion.V2_10)) {
            BucketStatus status = buckets.create(config).status();
            assertThat(status.compressed()).isTrue();
            assertThat(status.stream().getConfiguration().getCompressionOption())
                    .isEqualTo(CompressionOption.S2);
        } else {
            assertThatThrownBy(() -> buckets.create(config))
                    .isInstanceOf(FeatureUnsupportedException.class)
                    .hasMessageStartingWith("Compression of a bucket needs nats-server 2.10, this server is 2.9.");
        }
    }

    @Test
    void revisionsVanishAfterTheBucketsTime() {
        KvBucket passing =
                buckets.create(config(unique()).ttl(Duration.ofSeconds(1)).build());
        passing.put("k", "1");
        Awaitility.await().atMost(DEADLINE).until(() -> passing.lastAsync("k").join() == null);
        // Each replica lets go of it by itself.
        Awaitility.await().atMost(DEADLINE).until(() -> passing.keys().isEmpty());
        assertThat(passing.status().lastRevision()).isEqualTo(1);
    }

    @Test
    void createsAgainWithTheSameSettingsOnly() {
        bucket.put("k", "1");
        KvBucket again = buckets.create(config(bucket.name()).history(5).build());
        assertThat(again.get("k").value()).isEqualTo(bytes("1"));
        assertThatThrownBy(() -> buckets.create(config(bucket.name()).history(6).build()))
                .isInstanceOfSatisfying(
                        KvServerException.class, e -> assertThat(e.code()).isEqualTo(KvErrors.STREAM_EXISTS));
    }

    @Test
    void settingsOutsideTheRulesAreRefused() {
        for (int history : new int[] {0, -1, 65}) {
            assertThatThrownBy(() -> BucketConfig.builder("b").history(history).build())
                    .isInstanceOf(HistoryTooLargeException.class)
                    .hasMessage("History of bucket \"b\" must be 1 to 64, not " + history);
        }
        for (String name : new String[] {null, "", "a.b", "a b", "*"}) {
            assertThatThrownBy(() -> BucketConfig.of(name)).isInstanceOf(InvalidBucketException.class);
            assertThatThrownBy(() -> buckets.open(name)).isInstanceOf(InvalidBucketException.class);
            assertThatThrownBy(() -> buckets.delete(name)).isInstanceOf(InvalidBucketException.class);
        }
    }

    @Test
    void aBucketThatIsNotThereIsNamed() {
        String missing = unique();
        for (org.assertj.core.api.ThrowableAssert.ThrowingCallable access :
                List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                        () -> buckets.open(missing), () -> buckets.delete(missing))) {
            assertThatThrownBy(access)
                    .isInstanceOfSatisfying(
                            BucketNotFoundException.class,
                            e -> assertThat(e.errorClass()).isEqualTo(ErrorClass.FATAL))
                    .hasMessageContainingAll("\"" + missing + "\"", "KV_" + missing);
        }
    }

    @Test
    void aBucketThatGoesAwayIsNoticed() {
        bucket.put("k", "1");
        buckets.delete(bucket.name());
        assertThat(buckets.names()).doesNotContain(bucket.name());
        assertThatThrownBy(() -> bucket.get("k")).isInstanceOf(BucketNotFoundException.class);
        assertThatThrownBy(() -> bucket.get("k", 1)).isInstanceOf(BucketNotFoundException.class);
        assertThatThrownBy(() -> bucket.status()).isInstanceOf(BucketNotFoundException.class);
        assertThatThrownBy(() -> buckets.delete(bucket.name())).isInstanceOf(BucketNotFoundException.class);
        // The server says "no responders", as it does while it elects a leader; the API knows better.
        assertThatThrownBy(() -> bucket.put("k", "2")).isInstanceOf(BucketNotFoundException.class);
    }

    @Test
    void aStreamThatIsNoBucketIsRefused() throws Exception {
        String name = unique();
        streams()
                .addStream(StreamConfiguration.builder()
                        .name("KV_" + name)
                        .subjects("$KV." + name + ".>")
                        .build());
        assertThatThrownBy(() -> buckets.open(name))
                .isInstanceOf(NotAKvBucketException.class)
                .hasMessage("Stream KV_" + name
                        + " is no KV bucket: it keeps no last value per subject (max_msgs_per_subject)");
    }

    @Test
    void namesAreThoseOfBucketsInOrder() throws Exception {
        String prefix = unique();
        for (String suffix : List.of("-c", "-a", "-b")) {
            buckets.create(config(prefix + suffix).storage(StorageType.Memory).build());
        }
        streams()
                .addStream(StreamConfiguration.builder()
                        .name("no-bucket-" + prefix)
                        .subjects("no.bucket." + prefix)
                        .storageType(StorageType.Memory)
                        .build());
        assertThat(buckets.names())
                .contains(bucket.name())
                .filteredOn(name -> name.contains(prefix))
                .containsExactly(prefix + "-a", prefix + "-b", prefix + "-c");
    }

    @Test
    void asynchronousFormsFailTheSameWay() {
        bucket.put("k", "1");
        assertThatThrownBy(() -> bucket.getAsync("none").join()).hasCauseInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> bucket.getAsync("k", 7).join()).hasCauseInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> bucket.createAsync("k", bytes("2")).join())
                .hasCauseInstanceOf(KeyExistsException.class);
        assertThatThrownBy(() -> bucket.updateAsync("k", bytes("2"), 7).join())
                .hasCauseInstanceOf(WrongRevisionException.class);
        assertThatThrownBy(() -> bucket.deleteAsync("k", OptionalLong.of(7)).join())
                .hasCauseInstanceOf(WrongRevisionException.class);
        assertThatThrownBy(() -> bucket.purgeAsync("k", OptionalLong.of(7)).join())
                .hasCauseInstanceOf(WrongRevisionException.class);
        assertThatThrownBy(() -> buckets.openAsync(unique()).join()).hasCauseInstanceOf(BucketNotFoundException.class);
    }
}
