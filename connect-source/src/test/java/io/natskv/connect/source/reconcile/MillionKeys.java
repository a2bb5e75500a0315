package io.natskv.connect.source.reconcile;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.WatchPosition;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/**
 * A process of its own, with a small heap: reconciles a topic with a bucket once, and prints what it found. Arguments: URL of the NATS server,
 * bucket, address of the Kafka broker, topic, revision.
 */
final class MillionKeys {
    private MillionKeys() {}

    public static void main(String[] args) {
        WatchPosition position = new WatchPosition(null, Long.parseLong(args[4]), 0, false, List.of());
        ReconcileSettings settings = new ReconcileSettings(new AbstractConfig(
                ReconcileSettings.define(new ConfigDef()),
                Map.of(ReconcileSettings.RECONCILE, "on_gap", ReconcileSettings.BOOTSTRAP_SERVERS, args[2]),
                false));
        Map<Correction.Reason, Integer> found = new EnumMap<>(Correction.Reason.class);
        try (KvConnection connection = KvConnection.open(NatsConnectionConfig.of(args[0]))) {
            KvBucket bucket = new KvBuckets(connection).open(args[1]);
            Reconciliation reconciliation = new Reconciliation(
                    bucket,
                    KeyFilter.ALL,
                    args[3],
                    KeyMapping.SAME,
                    settings,
                    "the bucket",
                    "million-keys",
                    new ReconcileTurn());
            reconciliation.request("test");
            while (reconciliation.isPending()) {
                reconciliation.step(new Reconciliation.Progress(position, 0, 0, System.nanoTime()));
                Correction correction = reconciliation.poll();
                if (correction == null) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                } else {
                    found.merge(correction.reason(), 1, Integer::sum);
                }
            }
            reconciliation.close();
        }
        System.out.println("found " + found);
    }
}
