package io.natskv.benchmarks.core;

import io.nats.client.Connection;
import io.nats.client.ConsumeOptions;
import io.nats.client.IterableConsumer;
import io.nats.client.Message;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.OrderedConsumerConfiguration;
import io.nats.client.impl.NatsJetStreamMetaData;
import io.natskv.benchmarks.Rounds;
import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import java.time.Duration;

/** Reads of a whole bucket, the last entry of each key; both touch key, value, revision and time of each. */
public final class Snapshots {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    /** As many messages under way as {@link WatchOptions#DEFAULT} allows. */
    private static final int BATCH = WatchOptions.DEFAULT.maxBufferedEntries();

    private Snapshots() {}

    /** What was read, so that none of it can be left out as unused. */
    private static final class Touched {
        private long count;
        private long bits;

        void touch(String key, byte[] value, long revision, long seconds) {
            count++;
            bits += key.charAt(key.length() - 1) + value[value.length - 1] + revision + seconds;
        }

        double rate(long start, int expected) {
            double rate = Rates.perSecond(count, start);
            if (count != expected || bits == 0) {
                throw new IllegalStateException("read " + count + " of " + expected + " entries");
            }
            return rate;
        }
    }

    /** kv-core's watch, from opening to the end of its snapshot. */
    record Watch(KvBucket bucket, int keys) implements Rounds.Side {
        @Override
        public String name() {
            return "watch";
        }

        @Override
        public double run() {
            Touched touched = new Touched();
            long start = System.nanoTime();
            try (KvWatch watch = bucket.watch(WatchOptions.DEFAULT)) {
                while (true) {
                    WatchEvent event = watch.next(PATIENCE);
                    if (event instanceof WatchEvent.Change change) {
                        KvEntry entry = change.entry();
                        touched.touch(
                                entry.key(),
                                entry.value(),
                                entry.revision(),
                                entry.created().getEpochSecond());
                    } else if (event instanceof WatchEvent.SnapshotEnd) {
                        return touched.rate(start, keys);
                    } else {
                        throw new IllegalStateException("the watch was interrupted: " + event);
                    }
                }
            }
        }
    }

    /** jnats' ordered pull consumer over the same subjects, from its creation until nothing is pending. */
    public record OrderedPull(Connection connection, String bucket, int keys) implements Rounds.Side {
        @Override
        public String name() {
            return "orderedPull";
        }

        @Override
        public double run() throws Exception {
            Touched touched = new Touched();
            String prefix = "$KV." + bucket + ".";
            long start = System.nanoTime();
            OrderedConsumerConfiguration consumer = new OrderedConsumerConfiguration()
                    .deliverPolicy(DeliverPolicy.LastPerSubject)
                    .filterSubject(prefix + ">");
            IterableConsumer messages = connection
                    .getStreamContext("KV_" + bucket)
                    .createOrderedConsumer(consumer)
                    .iterate(ConsumeOptions.builder().batchSize(BATCH).build());
            try {
                while (true) {
                    Message message = messages.nextMessage(PATIENCE);
                    NatsJetStreamMetaData meta = message.metaData();
                    touched.touch(
                            message.getSubject().substring(prefix.length()),
                            message.getData(),
                            meta.streamSequence(),
                            meta.timestamp().toEpochSecond());
                    if (meta.pendingCount() == 0) {
                        return touched.rate(start, keys);
                    }
                }
            } finally {
                messages.close();
            }
        }
    }
}
