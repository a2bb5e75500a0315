package io.natskv.core.bucket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Options;
import io.nats.client.api.StreamConfiguration;
import io.natskv.core.TappedConnection;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.UnavailableException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What single writes make of "no responders", the answer of a server that knows of nobody who takes them: no leader for the moment, or no bucket. It is
 * brought about on a single server, where nothing hangs on how long an election takes.
 */
@SuppressWarnings("try") // closing a connection may be interrupted
class NoLeaderTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    private final String name = "b" + UUID.randomUUID();
    private final List<String> sent = new CopyOnWriteArrayList<>();
    private Consumer<String> beforeSent = subject -> {};
    private Connection nats;
    /** Over a connection of its own: what is sent over the other one is met on the thread that its answers come by. */
    private Connection admin;

    private JetStreamManagement streams;

    @BeforeEach
    void connect() throws Exception {
        nats = NATS.server().connect(Options.Builder::reportNoResponders);
        admin = NATS.server().connect();
        streams = admin.jetStreamManagement();
    }

    @AfterEach
    void close() throws Exception {
        nats.close();
        admin.close();
    }

    private KvBuckets buckets(Duration requestTimeout) {
        Connection tapped = TappedConnection.of(nats, message -> {
            sent.add(message.subject());
            beforeSent.accept(message.subject());
            return true;
        });
        return new KvBuckets(KvConnection.using(tapped, "$JS.API.", requestTimeout));
    }

    private long sentTo(String subject) {
        return sent.stream().filter(subject::equals).count();
    }

    @Test
    void aWriteThatMeetsNoLeaderIsSentAgainWhenThereIsOne() throws Exception {
        KvBucket bucket = buckets(LONG).create(BucketConfig.of(name));
        StreamConfiguration stream = streams.getStreamInfo("KV_" + name).getConfiguration();
        for (String key : List.of("put", "created")) {
            streams.deleteStream("KV_" + name);
            beforeSent = subject -> {
                if (subject.startsWith("$JS.API.STREAM.INFO.")) {
                    beforeSent = any -> {};
                    comesBack(stream);
                }
            };
            byte[] value = key.getBytes(StandardCharsets.UTF_8);
            assertThat(key.equals("put") ? bucket.put(key, value) : bucket.create(key, value))
                    .isEqualTo(1);
            assertThat(sentTo("$KV." + name + "." + key)).isEqualTo(2);
            assertThat(bucket.get(key).value()).isEqualTo(value);
        }
    }

    private void comesBack(StreamConfiguration stream) {
        try {
            streams.addStream(stream);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** There is the bucket, and nobody who takes writes. */
    private void listensElsewhere() throws Exception {
        streams.updateStream(
                StreamConfiguration.builder(streams.getStreamInfo("KV_" + name).getConfiguration())
                        .subjects("elsewhere." + name)
                        .build());
    }

    @Test
    void aWriteWaitsForALeaderAsLongAsARequestMayTake() throws Exception {
        buckets(LONG).create(BucketConfig.of(name));
        listensElsewhere();
        KvBucket bucket = buckets(Duration.ofSeconds(4)).assume(name);
        assertThatThrownBy(() -> bucket.put("k", "1"))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContainingAll("$KV." + name + ".k", "put key \"k\" in bucket \"" + name + "\"", "no leader");
        assertThat(sentTo("$KV." + name + ".k")).isGreaterThan(1);
    }

    @Test
    void aBucketThatIsGoneIsNotWaitedFor() throws Exception {
        KvBucket bucket = buckets(LONG).create(BucketConfig.of(name));
        streams.deleteStream("KV_" + name);
        assertThatThrownBy(() -> bucket.delete("k"))
                .isInstanceOf(BucketNotFoundException.class)
                .hasMessageContaining("\"" + name + "\"");
        // Half a minute would be many more.
        assertThat(sentTo("$KV." + name + ".k")).isLessThan(20);
    }

    @Test
    void aWriteThatNobodyWaitsForIsNotSentAgain() throws Exception {
        KvBucket bucket = buckets(LONG).create(BucketConfig.of(name));
        listensElsewhere();
        CompletableFuture<Long> write = bucket.putAsync("k", new byte[0]);
        Awaitility.await().until(() -> sentTo("$KV." + name + ".k") > 1);
        write.cancel(false);
        long sentByThen = sentTo("$KV." + name + ".k");
        // Another one meanwhile, as often as the first would have been sent.
        CompletableFuture<Long> other = bucket.putAsync("other", new byte[0]);
        Awaitility.await().until(() -> sentTo("$KV." + name + ".other") > 4);
        other.cancel(false);
        assertThat(sentTo("$KV." + name + ".k")).isLessThanOrEqualTo(sentByThen + 1);
    }

    @Test
    void aCreateThatNobodyWaitsForDoesNotReplaceTheMarkerThatItMeets() {
        KvBucket bucket = buckets(LONG).create(BucketConfig.of(name));
        long marker = bucket.delete("k");
        CompletableFuture<CompletableFuture<Long>> create = new CompletableFuture<>();
        beforeSent = subject -> {
            if (subject.startsWith("$JS.API.STREAM.MSG.GET.")) {
                create.join().cancel(false); // it was refused, and looks what is there
            }
        };
        create.complete(bucket.createAsync("k", new byte[0]));
        assertThat(create.join())
                .isNotNull()
                .satisfies(write -> assertThatThrownBy(write::join).isInstanceOf(CancellationException.class));
        // Answers come one after the other: with this one, the first has been dealt with.
        assertThat(bucket.lastAsync("k").join().revision()).isEqualTo(marker);
        assertThat(sentTo("$KV." + name + ".k")).isEqualTo(2);
    }
}
