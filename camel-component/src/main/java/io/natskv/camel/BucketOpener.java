package io.natskv.camel;

import io.nats.client.api.StreamConfiguration;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvServerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.camel.RuntimeCamelException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the bucket of an endpoint; with {@code createBucket} it creates a missing one, and never changes one that is there. */
final class BucketOpener {
    private static final Logger LOG = LoggerFactory.getLogger(BucketOpener.class);

    private BucketOpener() {}

    /**
     * Opens or creates.
     *
     * @throws RuntimeCamelException if the bucket is missing and is not to be created
     * @throws io.natskv.core.error.KvException if the server can't be asked
     */
    static KvBucket open(KvBuckets buckets, String name, NatsKvConfiguration options) {
        if (!options.isCreateBucket()) {
            try {
                return buckets.open(name);
            } catch (BucketNotFoundException e) {
                throw new RuntimeCamelException(e.getMessage() + "; or set createBucket=true", e);
            }
        }
        BucketConfig wanted = configOf(name, options);
        KvBucket bucket;
        try {
            bucket = buckets.open(name);
        } catch (BucketNotFoundException missing) {
            try {
                return buckets.create(wanted);
            } catch (KvServerException e) {
                if (e.code() != KvErrors.STREAM_EXISTS) {
                    throw e;
                }
                // Somebody else was quicker.
                bucket = buckets.open(name);
            }
        }
        List<String> differences = differences(wanted, bucket.status());
        if (!differences.isEmpty()) {
            LOG.warn("Bucket \"{}\" is there with other settings, and is left as it is: {}", name, differences);
        }
        return bucket;
    }

    static BucketConfig configOf(String name, NatsKvConfiguration options) {
        return BucketConfig.builder(name)
                .history(options.getHistory())
                .ttl(Duration.ofMillis(options.getBucketTtl()))
                .limitMarkerTtl(options.getLimitMarkerTtl() > 0 ? Duration.ofMillis(options.getLimitMarkerTtl()) : null)
                .maxBytes(options.getMaxBucketSize())
                .maxValueSize(options.getMaxValueSize())
                .storage(options.getStorageType())
                .replicas(options.getReplicas())
                .compression(options.isCompression())
                .description(options.getBucketDescription())
                .build();
    }

    /** The options whose settings differ, as {@code history=1 (wanted 5)}; the description does not count. */
    static List<String> differences(BucketConfig wanted, BucketStatus found) {
        StreamConfiguration stream = found.stream().getConfiguration();
        List<String> differences = new ArrayList<>();
        compare(differences, "history", wanted.history(), found.history());
        compare(differences, "bucketTtl", wanted.ttl().orElse(Duration.ZERO), found.ttl());
        compare(
                differences,
                "limitMarkerTtl",
                wanted.limitMarkerTtl().orElse(Duration.ZERO),
                stream.getSubjectDeleteMarkerTtl() == null ? Duration.ZERO : stream.getSubjectDeleteMarkerTtl());
        compare(differences, "storageType", wanted.storage(), stream.getStorageType());
        compare(differences, "replicas", wanted.replicas(), stream.getReplicas());
        compare(differences, "maxBucketSize", wanted.maxBytes(), stream.getMaxBytes());
        compare(differences, "maxValueSize", wanted.maxValueSize(), stream.getMaximumMessageSize());
        compare(differences, "compression", wanted.compression(), found.compressed());
        return differences;
    }

    private static void compare(List<String> differences, String option, Object wanted, Object found) {
        if (!wanted.equals(found)) {
            differences.add(option + "=" + found + " (wanted " + wanted + ")");
        }
    }
}
