package io.natskv.core.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import io.nats.client.Connection;
import io.natskv.core.PatientConnections;
import io.natskv.core.Seed;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.differential.Operation.Via;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * kv-core and the client library's own KV over the same buckets: what one writes the other reads, and both as ADR-8 says. Random sequences; of one
 * that fails, the shortest that still does is searched and reported.
 */
@SuppressWarnings("try") // jnats declares close() to throw InterruptedException
class DifferentialTest {
    private static final int SEQUENCES = 3;
    private static final int LENGTH = 150;
    private static final int SHRINK_ATTEMPTS = 200;

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void writtenByEitherReadByBoth(NatsVersion version) {
        long seed = Seed.next();
        Random random = new Random(seed);
        try (NatsServer server = NatsServer.start(version);
                Bench bench = new Bench(server)) {
            List<Via> ours = new ArrayList<>(List.of(Via.BUCKET, Via.WRITER));
            if (bench.batches) {
                ours.add(Via.BATCH);
            }
            List<Via> all = new ArrayList<>(ours);
            all.add(Via.JNATS);
            int done = 0;
            for (List<Via> vias : List.of(ours, List.of(Via.JNATS), all)) {
                for (int i = 0; i < SEQUENCES; i++) {
                    int history = List.of(1, 2, 5, 64).get(random.nextInt(4));
                    done += bench.check(history, Operation.random(random, vias, LENGTH), seed);
                }
            }
            System.out.println(version + ": " + done + " operations");
            assertThat(done).isEqualTo(3 * SEQUENCES * LENGTH);
        }
    }

    /** A server with a connection for each side. */
    private static final class Bench implements AutoCloseable {
        private final KvConnection connection;
        private final Connection other;
        private final KvBuckets buckets;
        private final boolean batches;
        private final boolean seesEnd;

        Bench(NatsServer server) {
            connection = PatientConnections.open(server.url());
            other = server.connect();
            buckets = new KvBuckets(connection);
            batches = server.version().atLeast(NatsVersion.V2_15);
            seesEnd = server.version().atLeast(NatsVersion.V2_10);
        }

        int check(int history, List<Operation> operations, long seed) {
            AssertionError error = run(history, operations);
            if (error == null) {
                return operations.size();
            }
            List<Operation> shortest =
                    Shrinker.shortest(operations, candidate -> run(history, candidate) != null, SHRINK_ATTEMPTS);
            AssertionError last = run(history, shortest);
            return fail(
                    "seed " + seed + ", history " + history + ", of " + operations.size()
                            + " operations these fail:\n  "
                            + shortest.stream().map(Operation::toString).collect(Collectors.joining("\n  ")) + "\n"
                            + (last == null ? "not every time; first " + error.getMessage() : last.getMessage()),
                    last == null ? error : last);
        }

        /** What went wrong; null for nothing. */
        private AssertionError run(int history, List<Operation> operations) {
            String name = "d" + UUID.randomUUID().toString().replace("-", "");
            KvBucket bucket =
                    buckets.create(BucketConfig.builder(name).history(history).build());
            if (batches) {
                buckets.allowBatches(name);
            }
            try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
                new Replay(bucket, writer, new JnatsStore(other.keyValue(name), seesEnd), history).run(operations);
                return null;
            } catch (AssertionError e) {
                return e;
            } catch (Exception e) {
                return new AssertionError(e.toString(), e);
            } finally {
                buckets.delete(name);
            }
        }

        @Override
        public void close() {
            connection.close();
            try {
                other.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
