package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.Source;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.SubjectTransform;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.PatientConnections;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A bucket into which others flow (ADR-57): under its own subjects without a word, or by the transforms that the caller gives. */
class SourcesTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private static SubjectTransform transform(String source, String destination) {
        return SubjectTransform.builder()
                .source(source)
                .destination(destination)
                .build();
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void transformsOfTheCallersOwnStayAsTheyAre(NatsVersion version) throws Exception {
        BucketConfig config = BucketConfig.builder("all")
                .history(3)
                .sources(List.of(
                        Source.builder().name("plain").build(),
                        Source.builder()
                                .name("KV_picked")
                                .subjectTransforms(
                                        transform("$KV.picked.orders.>", "$KV.all.picked-orders.>"),
                                        transform("$KV.picked.users.*.*", "$KV.all.users.{{wildcard(2)}}"))
                                .build(),
                        Source.builder()
                                .name("EVENTS")
                                .subjectTransforms(transform("events.>", "$KV.all.events.>"))
                                .build()))
                .build();
        try (NatsServer server = NatsServer.start(version);
                KvConnection connection = PatientConnections.open(server.url())) {
            KvBuckets buckets = new KvBuckets(connection);
            if (!version.atLeast(NatsVersion.V2_10)) {
                assertThatThrownBy(() -> buckets.create(config))
                        .isInstanceOf(FeatureUnsupportedException.class)
                        .hasMessageContaining("2.10");
                assertThatThrownBy(() -> buckets.open("all")).isInstanceOf(BucketNotFoundException.class);
                return;
            }
            KvBucket plain =
                    buckets.create(BucketConfig.builder("plain").history(3).build());
            KvBucket picked = buckets.create(BucketConfig.of("picked"));
            connection
                    .nats()
                    .jetStreamManagement()
                    .addStream(StreamConfiguration.builder()
                            .name("EVENTS")
                            .subjects("events.>")
                            .build());
            KvBucket all = buckets.create(config);
            List<Source> made = all.status().stream().getConfiguration().getSources();
            assertThat(made).extracting(Source::getName).containsExactlyInAnyOrder("KV_plain", "KV_picked", "EVENTS");
            assertThat(made)
                    .filteredOn(source -> source.getName().equals("KV_plain"))
                    .singleElement()
                    .satisfies(source -> {
                        assertThat(source.getSubjectTransforms()).hasSize(1);
                        assertThat(source.getSubjectTransforms().get(0).getSource())
                                .isEqualTo("$KV.plain.>");
                        assertThat(source.getSubjectTransforms().get(0).getDestination())
                                .isEqualTo("$KV.all.>");
                    });
            assertThat(made)
                    .filteredOn(source -> source.getName().equals("KV_picked"))
                    .singleElement()
                    .satisfies(source -> assertThat(source.getSubjectTransforms())
                            .extracting(SubjectTransform::getDestination)
                            .containsExactlyInAnyOrder("$KV.all.picked-orders.>", "$KV.all.users.{{wildcard(2)}}"));
            flows(connection, plain, picked, all);

            // The same again is no change; another source is one.
            assertThat(buckets.create(config).keys()).containsExactlyElementsOf(all.keys());
            KvBucket late = buckets.create(BucketConfig.of("late"));
            late.put("late", "1");
            List<Source> more = new ArrayList<>(config.sources());
            more.add(Source.builder().name("late").build());
            buckets.update(config.toBuilder().sources(more).build());
            Awaitility.await().atMost(DEADLINE).until(() -> all.keys().contains("late"));
        }
    }

    private static void flows(KvConnection connection, KvBucket plain, KvBucket picked, KvBucket all) {
        try (KvWatch watch = all.watch(WatchOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(10)))) {
            assertThat(watch.next(DEADLINE)).isInstanceOf(WatchEvent.SnapshotEnd.class);
            plain.put("a.b", "plain");
            KvEntry first = next(watch, "a.b");
            assertThat(first.bucket()).isEqualTo("all");
            picked.put("none.of.them", "left out");
            picked.put("orders.1.x", "order");
            next(watch, "picked-orders.1.x");
            picked.put("users.eu.ann", "user");
            next(watch, "users.ann");
            connection.nats().publish("events.started", "event".getBytes(StandardCharsets.UTF_8));
            next(watch, "events.started");
            all.put("own", "mine");
            next(watch, "own");
            plain.delete("a.b");
            assertThat(next(watch, "a.b").operation()).isEqualTo(KvOperation.DELETE);
        }
        assertThat(all.keys()).containsExactlyInAnyOrder("picked-orders.1.x", "users.ann", "events.started", "own");
        assertThat(all.get("users.ann").value()).asString().isEqualTo("user");
        assertThat(all.history("a.b")).hasSize(2);
        assertThat(all.create("a.b", "back".getBytes(StandardCharsets.UTF_8))).isPositive();
        // What is written here stays here.
        assertThat(plain.keys()).isEmpty();
    }

    private static KvEntry next(KvWatch watch, String key) {
        WatchEvent event = watch.next(DEADLINE);
        assertThat(event).isInstanceOf(WatchEvent.Change.class);
        KvEntry entry = ((WatchEvent.Change) event).entry();
        assertThat(entry.key()).isEqualTo(key);
        return entry;
    }
}
