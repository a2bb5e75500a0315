package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.processor.resume.TransientResumeStrategy;
import org.apache.camel.resume.Offset;
import org.apache.camel.resume.OffsetKey;
import org.apache.camel.resume.Resumable;
import org.apache.camel.resume.ResumeAdapter;
import org.apache.camel.resume.ResumeStrategy;
import org.apache.camel.spi.StateRepository;
import org.apache.camel.support.processor.state.FileStateRepository;
import org.apache.camel.support.processor.state.MemoryStateRepository;
import org.apache.camel.support.service.ServiceSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A consumer that keeps its position goes on there. */
class PositionTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private final MemoryStateRepository positions = new MemoryStateRepository();
    private final Received received = new Received();
    private Fixture camel;
    private KvBucket bucket;

    @BeforeEach
    void start() {
        camel = new Fixture(NATS.url());
        camel.context.getRegistry().bind("positions", positions);
        bucket = camel.newBucket(64);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    private String uri(String options) {
        return "nats-kv:" + bucket.name() + "?offsetRepository=#positions" + options;
    }

    private String stored() {
        return positions.getState(bucket.name() + "/>");
    }

    private void restart() throws Exception {
        camel.context.getRouteController().stopRoute("r");
        camel.context.getRouteController().startRoute("r");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "&concurrentConsumers=3", "&updatesOnly=true", "&includeHistory=true", "&offsetInterval=0"})
    void aStoppedRouteGoesOnWhereItWas(String options) throws Exception {
        camel.route("r", uri(options), received);
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        camel.context.getRouteController().stopRoute("r");
        assertThat(stored()).contains("|1|");
        bucket.put("a", "2");
        bucket.put("a", "3");
        camel.context.getRouteController().startRoute("r");
        received.await("1 PUT a=1", "2 PUT a=2", "3 PUT a=3");
    }

    @Test
    void anotherProcessGoesOnByTheFile(@TempDir Path folder) throws Exception {
        File file = folder.resolve("positions").toFile();
        bucket.put("a", "1");
        for (int run = 1; run <= 3; run++) {
            try (Fixture other = new Fixture(NATS.url())) {
                other.context.getRegistry().bind("positions", FileStateRepository.fileStateRepository(file));
                Received here = new Received();
                other.route("r", uri("&key=a,run,x=y"), here);
                bucket.put("run", Integer.toString(run));
                if (run == 1) {
                    here.await("1 PUT a=1 initial", "2 PUT run=1");
                } else {
                    here.await((run + 1) + " PUT run=" + run);
                }
            }
        }
        assertThat(file).isNotEmpty();
    }

    /** What a crash leaves: nothing was written when it ended. */
    @Test
    void whatWasNotWrittenComesAgain() throws Exception {
        bucket.put("a", "1");
        camel.route("r", uri("&offsetInterval=0"), received);
        received.await("1 PUT a=1 initial");
        Received.await(() -> assertThat(stored()).contains("|1|"));
        String before = stored();
        bucket.put("b", "2");
        received.await("1 PUT a=1 initial", "2 PUT b=2");
        camel.context.getRouteController().stopRoute("r");
        positions.setState(bucket.name() + "/>", before);
        camel.context.getRouteController().startRoute("r");
        received.await("1 PUT a=1 initial", "2 PUT b=2", "2 PUT b=2");
    }

    @Test
    void twoRoutesOfOneBucketNeedNamesOfTheirOwn() throws Exception {
        Received other = new Received();
        camel.route("r", uri("&breakOnFirstError=true&retryDelay=20"), exchange -> {
            throw new IllegalStateException("never");
        });
        assertThatThrownBy(() -> camel.route("twin", uri(""), other))
                .hasStackTraceContaining(bucket.name() + "/>")
                .hasStackTraceContaining("offsetKey");
        camel.context.removeRoute("twin");
        camel.route("named", uri("&offsetKey=n=1"), other);
        bucket.put("a", "1");
        other.await("1 PUT a=1");
        camel.context.getRouteController().stopRoute("named");
        assertThat(positions.getState("n%3D1")).contains("|1|");
        // A name that is free again can be taken.
        camel.context.getRouteController().stopRoute("r");
        camel.context.removeRoute("r");
        camel.route("heir", uri(""), other);
        other.await("1 PUT a=1", "1 PUT a=1");
    }

    @Test
    void filtersHavePositionsOfTheirOwn() throws Exception {
        camel.route("r", uri("&key=a, b.*"), received);
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        camel.context.getRouteController().stopRoute("r");
        assertThat(positions.getState(bucket.name() + "/a,b.*")).contains("|1|");
        assertThat(stored()).isNull();
    }

    @Test
    void aPositionInABucketThatWasReplacedIsDropped() throws Exception {
        camel.route("r", uri(""), received);
        for (int i = 1; i <= 3; i++) {
            bucket.put("a", "" + i);
        }
        Received.await(() -> assertThat(received.lines()).hasSize(3));
        camel.context.getRouteController().stopRoute("r");
        camel.buckets.delete(bucket.name());
        camel.buckets.create(BucketConfig.of(bucket.name()));
        bucket.put("z", "9");
        camel.context.getRouteController().startRoute("r");
        Received.await(() -> assertThat(received.lines()).hasSize(4));
        assertThat(received.lines().get(3)).startsWith("1 PUT z=9");
        restart();
        bucket.put("z", "10");
        Received.await(() -> assertThat(received.lines()).endsWith("2 PUT z=10").hasSize(5));
    }

    @Test
    void whatIsNoPositionIsDropped() throws Exception {
        positions.setState(bucket.name() + "/>", "yesterday");
        bucket.put("a", "1");
        camel.route("r", uri(""), received);
        received.await("1 PUT a=1 initial");
        camel.context.getRouteController().stopRoute("r");
        assertThat(stored()).contains("|1|");
    }

    /** It stays before the change that fails, also when the route stops. */
    @Test
    void aPositionDoesNotMovePastAnError() throws Exception {
        List<Exchange> failing = new CopyOnWriteArrayList<>();
        AtomicReference<String> refused = new AtomicReference<>("b");
        camel.route("r", uri("&breakOnFirstError=true&retryDelay=5&offsetInterval=0"), exchange -> {
            if (exchange.getMessage().getHeader(NatsKvConstants.KEY).equals(refused.get())) {
                failing.add(exchange);
                throw new IllegalStateException("refused");
            }
            received.process(exchange);
        });
        List.of("a", "b", "c").forEach(key -> bucket.put(key, "1"));
        Received.await(() -> assertThat(failing).hasSizeGreaterThan(2));
        assertThat(stored()).contains("|1|");
        camel.context.getRouteController().stopRoute("r");
        assertThat(stored()).contains("|1|");
        refused.set("none");
        camel.context.getRouteController().startRoute("r");
        received.await("1 PUT a=1", "2 PUT b=1", "3 PUT c=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=3"})
    void theRouteMovesThePosition(String options) throws Exception {
        List<NatsKvManualCommit> commits = new CopyOnWriteArrayList<>();
        camel.route("r", uri("&allowManualCommit=true" + options), exchange -> {
            commits.add(exchange.getMessage().getHeader(NatsKvConstants.MANUAL_COMMIT, NatsKvManualCommit.class));
            received.process(exchange);
        });
        bucket.put("a", "1");
        bucket.put("a", "2");
        bucket.put("a", "3");
        received.await("1 PUT a=1", "2 PUT a=2", "3 PUT a=3");
        assertThat(stored()).isNull();
        commits.get(1).commit();
        Received.await(() -> assertThat(stored()).contains("|2|"));
        restart();
        received.await("1 PUT a=1", "2 PUT a=2", "3 PUT a=3", "3 PUT a=3");
    }

    @Test
    void aBatchIsCommittedAsAWhole() throws Exception {
        bucket.put("a", "1");
        bucket.put("b", "1");
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        camel.route("r", uri("&allowManualCommit=true&batching=true"), exchange -> {
            sizes.add(exchange.getMessage().getBody(List.class).size());
            exchange.getMessage()
                    .getHeader(NatsKvConstants.MANUAL_COMMIT, NatsKvManualCommit.class)
                    .commit();
        });
        Received.await(() -> assertThat(sizes).containsExactly(2));
        Received.await(() -> assertThat(stored()).contains("|2|"));
    }

    @Test
    void aRepositoryThatFailsDoesNotHoldTheFlow() throws Exception {
        AtomicReference<Throwable> trouble = new AtomicReference<>(new IllegalStateException("no disk"));
        camel.context.getRegistry().bind("failing", new Failing(trouble, positions));
        camel.route("r", "nats-kv:" + bucket.name() + "?offsetRepository=#failing&offsetInterval=0", received);
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        trouble.set(null);
        bucket.put("a", "2");
        received.await("1 PUT a=1", "2 PUT a=2");
        Received.await(() -> assertThat(stored()).contains("|2|"));
    }

    /** What is thrown is no exception; keys of all threads go on. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2"})
    void aRepositoryThatThrowsAnErrorDoesNotHoldTheFlow(String options) throws Exception {
        AtomicReference<Throwable> trouble = new AtomicReference<>(new NoClassDefFoundError("driver"));
        camel.context.getRegistry().bind("failing", new Failing(trouble, positions));
        camel.route(
                "r", "nats-kv:" + bucket.name() + "?offsetRepository=#failing&offsetInterval=0" + options, received);
        for (int i = 0; i < 20; i++) {
            bucket.put("k" + i, "1");
        }
        Received.await(() -> assertThat(received.revisions()).hasSize(20));
        trouble.set(null);
        bucket.put("k0", "2");
        Received.await(() -> assertThat(stored()).contains("|21|"));
    }

    /** The end of the data counts among what was processed, or comes again. */
    @ParameterizedTest
    @ValueSource(strings = {"", "&concurrentConsumers=2"})
    void anEndOfDataThatWasNotProcessedComesAgain(String options) throws Exception {
        bucket.put("a", "1");
        AtomicBoolean refused = new AtomicBoolean(true);
        CountDownLatch tried = new CountDownLatch(1);
        List<Exchange> ends = new CopyOnWriteArrayList<>();
        camel.route("r", uri("&sendEndOfData=true&breakOnFirstError=true&retryDelay=5" + options), exchange -> {
            if (exchange.getMessage().getHeader(NatsKvConstants.END_OF_DATA, false, boolean.class)) {
                tried.countDown();
                if (refused.get()) {
                    throw new IllegalStateException("not yet");
                }
                ends.add(exchange);
            }
        });
        assertThat(tried.await(60, TimeUnit.SECONDS)).isTrue();
        camel.context.getRouteController().stopRoute("r");
        refused.set(false);
        camel.context.getRouteController().startRoute("r");
        Received.await(() -> assertThat(ends).hasSize(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"&allowManualCommit=true", "&offsetInterval=0"})
    void aBatchIsWrittenOnce(String options) throws Exception {
        for (int i = 0; i < 30; i++) {
            bucket.put("k" + i, "1");
        }
        AtomicInteger writes = new AtomicInteger();
        AtomicInteger batches = new AtomicInteger();
        camel.context.getRegistry().bind("counting", new StateRepositoryThatCounts(positions, writes));
        camel.route(
                "r",
                "nats-kv:" + bucket.name()
                        + "?offsetRepository=#counting&batching=true&batchSize=10&batchInterval=600000" + options,
                exchange -> {
                    batches.incrementAndGet();
                    var commit = exchange.getMessage().getHeader(NatsKvConstants.MANUAL_COMMIT);
                    if (commit instanceof NatsKvManualCommit manual) {
                        manual.commit();
                    }
                });
        Received.await(() -> assertThat(stored()).isNotNull().contains("|30|"));
        assertThat(batches.get()).isEqualTo(3);
        // The end of the data may have been written besides.
        assertThat(writes.get()).isBetween(3, 4);
    }

    private static final class StateRepositoryThatCounts extends ServiceSupport
            implements StateRepository<String, String> {
        private final StateRepository<String, String> behind;
        private final AtomicInteger writes;

        StateRepositoryThatCounts(StateRepository<String, String> behind, AtomicInteger writes) {
            this.behind = behind;
            this.writes = writes;
        }

        @Override
        public void setState(String key, String value) {
            writes.incrementAndGet();
            behind.setState(key, value);
        }

        @Override
        public String getState(String key) {
            return behind.getState(key);
        }
    }

    private static final class Failing extends ServiceSupport implements StateRepository<String, String> {
        private final AtomicReference<Throwable> trouble;
        private final StateRepository<String, String> behind;

        Failing(AtomicReference<Throwable> trouble, StateRepository<String, String> behind) {
            this.trouble = trouble;
            this.behind = behind;
        }

        @Override
        public void setState(String key, String value) {
            if (trouble.get() instanceof Error error) {
                throw error;
            } else if (trouble.get() instanceof RuntimeException exception) {
                throw exception;
            }
            behind.setState(key, value);
        }

        @Override
        public String getState(String key) {
            return behind.getState(key);
        }
    }

    /** Keeps bytes, as strategies that write to a file or a topic do. */
    private static final class Bytes extends TransientResumeStrategy {
        private final Map<ByteBuffer, ByteBuffer> kept;
        private ResumeAdapter adapter;

        Bytes(Map<ByteBuffer, ByteBuffer> kept) {
            super(null);
            this.kept = kept;
        }

        @Override
        public void setAdapter(ResumeAdapter value) {
            adapter = value;
        }

        @Override
        public ResumeAdapter getAdapter() {
            return adapter;
        }

        @Override
        public <T extends ResumeAdapter> T getAdapter(Class<T> type) {
            return type.cast(adapter);
        }

        @Override
        public void loadCache() {
            kept.forEach((key, value) -> assertThat(
                            ((NatsKvResumeAdapter) adapter).deserialize(key.duplicate(), value.duplicate()))
                    .isTrue());
        }

        @Override
        public <T extends Resumable> void updateLastOffset(T offset) {
            updateLastOffset(offset.getOffsetKey(), offset.getLastOffset());
        }

        @Override
        public void updateLastOffset(OffsetKey<?> key, Offset<?> value) {
            kept.put(key.serialize(), value.serialize());
        }
    }

    private void resumable(Fixture fixture, ResumeStrategy strategy, Received to) throws Exception {
        fixture.context.getRegistry().bind("strategy", strategy);
        fixture.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("nats-kv:" + bucket.name())
                        .routeId("r")
                        .resumable("strategy")
                        .process(to);
            }
        });
        fixture.context.start();
    }

    @Test
    void aResumeStrategyKeepsThePosition() throws Exception {
        Map<ByteBuffer, ByteBuffer> kept = new ConcurrentHashMap<>();
        resumable(camel, new Bytes(kept), received);
        bucket.put("a", "1");
        bucket.put("a", "2");
        received.await("1 PUT a=1", "2 PUT a=2");
        // Within the context, and in another one by what the strategy kept.
        restart();
        bucket.put("a", "3");
        received.await("1 PUT a=1", "2 PUT a=2", "3 PUT a=3");
        camel.context.getRouteController().stopRoute("r");
        assertThat(kept).hasSize(1);
        bucket.put("a", "4");
        try (Fixture other = new Fixture(NATS.url())) {
            Received there = new Received();
            resumable(other, new Bytes(kept), there);
            there.await("4 PUT a=4");
        }
    }

    @Test
    void aResumeStrategyGoesWithoutAnythingElseThatKeepsPositions() {
        camel.context.getRegistry().bind("strategy", new Bytes(new ConcurrentHashMap<>()));
        assertThatThrownBy(() -> {
                    camel.context.addRoutes(new RouteBuilder() {
                        @Override
                        public void configure() {
                            from(uri("")).resumable("strategy").process(received);
                        }
                    });
                    camel.context.start();
                })
                .hasStackTraceContaining("resume strategy can't be combined");
    }

    @Test
    void positionsSurviveARestartUnderLoadWithoutLoss() throws Exception {
        List<Long> revisions = new CopyOnWriteArrayList<>();
        camel.route(
                "r",
                uri("&concurrentConsumers=4"),
                exchange -> revisions.add(exchange.getMessage().getHeader(NatsKvConstants.REVISION, Long.class)));
        for (int i = 0; i < 600; i++) {
            bucket.put("k" + i % 20, "v");
            if (i % 150 == 149) {
                restart();
            }
        }
        Received.await(() -> assertThat(revisions).hasSizeGreaterThanOrEqualTo(600));
        List<Long> sorted = new ArrayList<>(revisions);
        sorted.sort(null);
        // A graceful stop waits for what is under way: nothing is lost, and nothing comes twice but what was done out
        // of order.
        assertThat(sorted.stream().distinct()).hasSize(600);
    }
}
