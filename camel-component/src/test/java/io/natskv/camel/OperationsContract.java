package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.error.KvServerException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The operations on many keys and on buckets, conflicts told in a header, times to live; on a server of each version. */
abstract class OperationsContract {
    private final NatsServerExtension nats;
    private final NatsVersion version;
    private Fixture camel;
    private KvBucket bucket;

    enum By {
        URI,
        HEADER
    }

    OperationsContract(NatsServerExtension nats, NatsVersion version) {
        this.nats = nats;
        this.version = version;
    }

    @BeforeEach
    void start() {
        camel = new Fixture(nats.url());
        bucket = camel.newBucket(5);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    @ParameterizedTest
    @EnumSource
    void putAllStoresAMap(By by) {
        Map<String, Object> body = new LinkedHashMap<>();
        for (int i = 1; i <= 2_000; i++) {
            body.put("k." + i, i % 2 == 0 ? "v" + i : ("v" + i).getBytes(StandardCharsets.UTF_8));
        }
        Exchange done = succeed(by, NatsKvOperation.PUT_ALL, "", body);
        assertThat(done.getMessage().getBody()).isSameAs(body);
        assertThat(revisions(done)).hasSize(2_000).containsEntry("k.1", 1L).containsEntry("k.2000", 2_000L);
        assertThat(text("k.1999")).isEqualTo("v1999");
        assertThat(bucket.status().lastRevision()).isEqualTo(2_000);
    }

    @Test
    void putAllDoesWhatEntriesSayInTheirOrder() {
        bucket.put("gone", "1");
        KvBucket from = camel.newBucket(5);
        from.put("a", "1");
        from.put("a", "2");
        from.put("gone", "1");
        from.delete("gone");
        List<KvEntry> entries = List.of(
                from.get("a", 1),
                from.get("a", 2),
                from.history("gone").get(0),
                from.history("gone").get(1));
        Exchange done = succeed(By.URI, NatsKvOperation.PUT_ALL, "", entries);
        assertThat(revisions(done)).containsOnlyKeys("a", "gone");
        assertThat(bucket.history("a")).extracting(e -> new String(e.value())).containsExactly("1", "2");
        assertThat(bucket.history("gone"))
                .extracting(KvEntry::operation)
                .containsExactly(KvOperation.PUT, KvOperation.PUT, KvOperation.DELETE);
    }

    /** However few may be under way at a time. */
    @Test
    void putAllKeepsWithinItsWindow() {
        Map<String, Object> body = new LinkedHashMap<>();
        for (int i = 0; i < 50; i++) {
            body.put("k" + i, "v");
        }
        assertThat(List.copyOf(revisions(send("?operation=PUT_ALL&maxInFlight=1", body))
                        .values()))
                .isSorted()
                .hasSize(50);
    }

    @Test
    void putAllStoresNothingWhenItsBodyIsWrong() {
        assertThat(fail("?operation=PUT_ALL", "text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("java.lang.String");
        assertThat(fail("?operation=PUT_ALL", List.of("a"))).isInstanceOf(IllegalArgumentException.class);
        Map<String, String> malformed = new LinkedHashMap<>();
        malformed.put("a", "1");
        malformed.put("b b", "1");
        assertThat(fail("?operation=PUT_ALL", malformed)).isInstanceOf(InvalidKeyException.class);
        Map<String, String> empty = new LinkedHashMap<>();
        empty.put("a", null);
        assertThat(fail("?operation=PUT_ALL", empty))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("allowNullBody");
        assertThat(bucket.keys()).isEmpty();
        assertThat(send("?operation=PUT_ALL&allowNullBody=true", empty).getException())
                .isNull();
        assertThat(bucket.get("a").value()).isEmpty();
    }

    @Test
    void putAllTellsWhatIsStoredAndWhatIsNot() {
        KvBucket small = camel.buckets.create(
                BucketConfig.builder(Fixture.newName()).maxValueSize(400).build());
        Map<String, byte[]> body = new LinkedHashMap<>();
        body.put("a", new byte[1]);
        body.put("big", new byte[1000]);
        body.put("c", new byte[1]);
        Exchange done = camel.send(
                "nats-kv:" + small.name() + "?operation=PUT_ALL",
                exchange -> exchange.getMessage().setBody(body));
        assertThat(done.getException()).isInstanceOfSatisfying(NatsKvPutAllException.class, e -> {
            assertThat(e.getBucket()).isEqualTo(small.name());
            assertThat(e.getRevisions()).containsOnlyKeys("a", "c");
            assertThat(e.getFailures()).containsOnlyKeys("big");
            assertThat(e).hasMessageContaining("1 of 3").hasMessageContaining("\"big\"");
        });
        assertThat(revisions(done)).containsOnlyKeys("a", "c");
    }

    @ParameterizedTest
    @EnumSource
    void getAllReadsWhatAFilterSelects(By by) {
        for (String key : List.of("eu.de", "eu.fr", "us.ny", "eu.gone")) {
            bucket.put(key, "v-" + key);
        }
        bucket.put("eu.empty", new byte[0]);
        bucket.delete("eu.gone");
        Exchange done = succeed(by, NatsKvOperation.GET_ALL, "eu.*", null);
        assertThat(values(done)).containsExactly("eu.de=v-eu.de", "eu.fr=v-eu.fr", "eu.empty=");
    }

    @Test
    void getAllReadsAllOrTheKeysInTheBody() {
        bucket.put("a", "1");
        bucket.put("b", "2");
        assertThat(values(send("?operation=GET_ALL", null))).containsExactly("a=1", "b=2");
        assertThat(values(send("?operation=GET_ALL", List.of("b", "missing")))).containsExactly("b=2");
        Exchange kept = send("?operation=GET_ALL&resultHeader=all", List.of("a"));
        assertThat(kept.getMessage().getBody()).isEqualTo(List.of("a"));
        assertThat(kept.getMessage().getHeader("all")).isInstanceOf(Map.class);
    }

    @ParameterizedTest
    @EnumSource
    void purgeDeletesRemovesOldMarkers(By by) {
        bucket.put("a", "1");
        bucket.delete("a");
        bucket.put("b", "1");
        Exchange done = succeed(by, NatsKvOperation.PURGE_DELETES, "", "body");
        // A marker this young stays; what lies behind it goes.
        assertThat(done.getMessage().getHeader(NatsKvConstants.PURGED)).isEqualTo(1L);
        assertThat(done.getMessage().getBody()).isEqualTo("body");
        assertThat(bucket.history("a")).hasSize(1);
        Exchange all = send("?operation=PURGE_DELETES&markerThreshold=0", null);
        assertThat(all.getMessage().getHeader(NatsKvConstants.PURGED)).isEqualTo(1L);
        assertThat(bucket.history("a")).isEmpty();
        assertThat(text("b")).isEqualTo("1");
    }

    @ParameterizedTest
    @EnumSource
    void status(By by) {
        bucket.put("a", "1");
        Object body = succeed(by, NatsKvOperation.STATUS, "", null).getMessage().getBody();
        assertThat(body).isInstanceOfSatisfying(BucketStatus.class, status -> {
            assertThat(status.bucket()).isEqualTo(bucket.name());
            assertThat(status.history()).isEqualTo(5);
            assertThat(status.lastRevision()).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @EnumSource
    void buckets(By by) {
        KvBucket other = camel.newBucket();
        assertThat(succeed(by, NatsKvOperation.BUCKETS, "", null).getMessage().getBody())
                .asInstanceOf(InstanceOfAssertFactories.list(String.class))
                .contains(bucket.name(), other.name())
                .isSorted();
    }

    @Test
    void bucketsAreCreatedUsedAndDeletedWhileTheirEndpointsStand() {
        String name = Fixture.newName();
        String uri = "nats-kv:" + name + "?operation=CREATE_BUCKET&history=7&maxValueSize=1000";
        assertThat(camel.send(uri, exchange -> {}).getException()).isNull();
        assertThat(camel.buckets.open(name).status().history()).isEqualTo(7);
        // Again: it is there as wanted.
        assertThat(camel.send(uri, exchange -> {}).getException()).isNull();
        // The endpoint was started without its bucket, and reads it all the same.
        Exchange put = camel.send(uri, exchange -> {
            exchange.getMessage().setHeader(NatsKvConstants.OPERATION, "PUT");
            exchange.getMessage().setHeader(NatsKvConstants.KEY, "k");
            exchange.getMessage().setBody("v");
        });
        assertThat(put.getException()).isNull();
        String different = "nats-kv:" + name + "?operation=CREATE_BUCKET&history=8";
        assertThat(camel.send(different, exchange -> {}).getException()).isInstanceOf(KvServerException.class);
        assertThat(applied(camel.send(different + "&conflict=FLAG", exchange -> {})))
                .isFalse();
        assertThat(camel.send("nats-kv:" + name + "?operation=DELETE_BUCKET", exchange -> {})
                        .getException())
                .isNull();
        assertThat(camel.buckets.names()).doesNotContain(name);
        assertThat(camel.send("nats-kv:" + name + "?operation=DELETE_BUCKET", exchange -> {})
                        .getException())
                .isInstanceOf(BucketNotFoundException.class);
        assertThat(applied(camel.send("nats-kv:" + name + "?operation=DELETE_BUCKET&conflict=FLAG", exchange -> {})))
                .isFalse();
        // By header, at an endpoint whose own operation needs the bucket.
        Exchange byHeader = camel.send(
                uri(""), exchange -> exchange.getMessage().setHeader(NatsKvConstants.OPERATION, "delete-bucket"));
        assertThat(byHeader.getException()).isNull();
        assertThat(camel.buckets.names()).doesNotContain(bucket.name());
    }

    @Test
    void moreReplicasThanServersAreRefused() {
        Exchange done =
                camel.send("nats-kv:" + Fixture.newName() + "?operation=CREATE_BUCKET&replicas=3", exchange -> {});
        assertThat(done.getException()).isInstanceOf(KvServerException.class).hasMessageContaining("replicas");
    }

    @Test
    void conflictsAreToldInAHeader() {
        assertThat(applied(send("?operation=CREATE&key=k&conflict=FLAG", "v"))).isTrue();
        Exchange taken = send("?operation=CREATE&key=k&conflict=flag", "w");
        assertThat(taken.getException()).isNull();
        assertThat(applied(taken)).isFalse();
        assertThat(taken.getMessage().getHeaders()).doesNotContainKey(NatsKvConstants.REVISION);
        for (String operation : List.of("UPDATE", "DELETE", "PURGE")) {
            Exchange wrong = send("?key=k&conflict=FLAG&revision=77&operation=" + operation, "w");
            assertThat(wrong.getException()).as(operation).isNull();
            assertThat(applied(wrong)).as(operation).isFalse();
        }
        assertThat(text("k")).isEqualTo("v");
        Exchange right = send("?key=k&conflict=FLAG&revision=1&operation=UPDATE", "w");
        assertThat(applied(right)).isTrue();
        assertThat(right.getMessage().getHeader(NatsKvConstants.REVISION)).isEqualTo(2L);
        // No flag where nothing was conditional, and none by default.
        assertThat(send("?key=k&conflict=FLAG", "x").getMessage().getHeaders())
                .doesNotContainKey(NatsKvConstants.APPLIED);
        assertThat(send("?operation=CREATE&key=other", "x").getMessage().getHeaders())
                .doesNotContainKey(NatsKvConstants.APPLIED);
        // Other errors stay errors.
        assertThat(fail("?operation=CREATE&key=a b&conflict=FLAG", "x")).isInstanceOf(InvalidKeyException.class);
    }

    @Test
    void aDefaultValueStandsInForWhatIsAbsent() {
        Exchange absent = send("?operation=GET&key=k&defaultValue=none", null);
        assertThat(absent.getMessage().getBody()).isEqualTo("none");
        assertThat(absent.getMessage().getHeader(NatsKvConstants.FOUND)).isEqualTo(false);
        bucket.put("k", new byte[0]);
        Exchange empty = send("?operation=GET&key=k&defaultValue=none", null);
        assertThat(empty.getMessage().getBody()).isEqualTo(new byte[0]);
        assertThat(empty.getMessage().getHeader(NatsKvConstants.FOUND)).isEqualTo(true);
    }

    @Test
    void keysExpire() {
        if (!version.atLeast(NatsVersion.V2_15)) {
            assertThat(fail("?operation=CREATE&key=k&ttl=1s", "v")).isInstanceOf(FeatureUnsupportedException.class);
            return;
        }
        String name = Fixture.newName();
        String uri = "nats-kv:" + name + "?createBucket=true&limitMarkerTtl=60s&operation=CREATE&key=";
        assertThat(camel.send(
                                uri + "a&ttl=1s",
                                exchange -> exchange.getMessage().setBody("v"))
                        .getException())
                .isNull();
        for (Object ttl : Arrays.asList(Duration.ofSeconds(1), 1000L, "1000", "1s", "PT1S")) {
            String key = ttl.getClass().getSimpleName() + ttl;
            Exchange done = camel.send(uri + key, exchange -> {
                exchange.getMessage().setHeader(NatsKvConstants.TTL, ttl);
                exchange.getMessage().setBody("v");
            });
            assertThat(done.getException()).isNull();
        }
        KvBucket expiring = camel.buckets.open(name);
        expiring.put("stays", "v");
        assertThat(expiring.status().stream().getConfiguration().getSubjectDeleteMarkerTtl())
                .isEqualTo(Duration.ofSeconds(60));
        Received.await(() -> assertThat(expiring.keys()).containsExactly("stays"));
        Exchange purged = camel.send("nats-kv:" + name + "?operation=PURGE&key=stays&ttl=1s", exchange -> {});
        assertThat(purged.getException()).isNull();
        Received.await(() -> assertThat(expiring.history("stays")).isEmpty());
    }

    @Test
    void aTimeToLiveThatCanNotBeReadIsRefused() {
        for (Object ttl : List.of("soon", List.of())) {
            Exchange done = camel.send(uri("?key=k&operation=CREATE"), exchange -> {
                exchange.getMessage().setHeader(NatsKvConstants.TTL, ttl);
                exchange.getMessage().setBody("v");
            });
            assertThat(done.getException())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(NatsKvConstants.TTL)
                    .hasMessageContaining(bucket.name());
        }
    }

    @Test
    void aTimeToLiveThatNobodyHeedsIsRefused() {
        for (String operation : List.of("PUT", "UPDATE", "DELETE")) {
            Exchange done = camel.send(uri("?key=k&revision=1&operation=" + operation), exchange -> {
                exchange.getMessage().setHeader(NatsKvConstants.TTL, 1000L);
                exchange.getMessage().setBody("v");
            });
            assertThat(done.getException())
                    .as(operation)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(NatsKvConstants.TTL);
        }
    }

    private Exchange succeed(By by, NatsKvOperation operation, String key, Object body) {
        Exchange done = by == By.URI
                ? send("?operation=" + operation + (key.isEmpty() ? "" : "&key=" + key), body)
                : camel.send(uri(""), exchange -> {
                    exchange.getMessage().setHeader(NatsKvConstants.OPERATION, operation.name());
                    if (!key.isEmpty()) {
                        exchange.getMessage().setHeader(NatsKvConstants.KEY, key);
                    }
                    exchange.getMessage().setBody(body);
                });
        assertThat(done.getException()).isNull();
        return done;
    }

    private Exchange send(String options, Object body) {
        return camel.send(uri(options), exchange -> exchange.getMessage().setBody(body));
    }

    private Throwable fail(String options, Object body) {
        return send(options, body).getException();
    }

    private String uri(String options) {
        return "nats-kv:" + bucket.name() + options;
    }

    private String text(String key) {
        return new String(bucket.get(key).value(), StandardCharsets.UTF_8);
    }

    private static Boolean applied(Exchange done) {
        assertThat(done.getException()).isNull();
        return done.getMessage().getHeader(NatsKvConstants.APPLIED, Boolean.class);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Long> revisions(Exchange done) {
        return (Map<String, Long>) done.getMessage().getHeader(NatsKvConstants.REVISIONS);
    }

    @SuppressWarnings("unchecked")
    private static List<String> values(Exchange done) {
        assertThat(done.getException()).isNull();
        return ((Map<String, byte[]>) done.getMessage().getBody())
                .entrySet().stream()
                        .map(e -> e.getKey() + "=" + new String(e.getValue(), StandardCharsets.UTF_8))
                        .toList();
    }
}
