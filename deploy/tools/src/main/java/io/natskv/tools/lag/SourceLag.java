package io.natskv.tools.lag;

import com.fasterxml.jackson.databind.JsonNode;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.key.KeyFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * How far a source has come. The lag is how many revisions a consumer behind its position would deliver: last revision less position would count
 * those of other keys, and those that are gone.
 */
final class SourceLag {
    private static final Duration INACTIVE = Duration.ofSeconds(5);

    private final KvConnection connection;

    SourceLag(KvConnection connection) {
        this.connection = connection;
    }

    /** @param offsets as Connect's REST API lists them */
    List<Position> of(JsonNode offsets) {
        List<Position> positions = new ArrayList<>();
        for (JsonNode stored : offsets) {
            JsonNode partition = stored.path("partition");
            JsonNode offset = stored.path("offset");
            if (partition.path("bucket").isTextual() && offset.path("revision").isIntegralNumber()) {
                try {
                    positions.add(position(
                            partition.get("bucket").asText(),
                            new KeyFilter(partition.path("filter").asText(">")),
                            offset));
                } catch (InvalidKeyException e) {
                    continue; // a note of the connector's own, no position
                }
            }
        }
        return positions;
    }

    private Position position(String name, KeyFilter filter, JsonNode offset) {
        String place = name + " " + filter.pattern();
        long revision = offset.get("revision").asLong();
        try {
            KvBucket bucket = await(new KvBuckets(connection).openAsync(name), name);
            BucketStatus status = await(bucket.statusAsync(), name);
            long last = await(bucket.lastRevisionAsync(filter), name);
            if (status.lastRevision() < revision) {
                return new Position(
                        place,
                        revision,
                        last,
                        null,
                        "the position does not fit the bucket, which was made again or restored: see on.position.lost");
            }
            return new Position(place, revision, last, pending(bucket, filter, revision), note(status, offset));
        } catch (KvException e) {
            return new Position(place, revision, null, null, e.getMessage());
        }
    }

    private static String note(BucketStatus status, JsonNode offset) {
        // Below server 2.15 the time may change although it is the same bucket.
        if (offset.path("created").isTextual()
                && !Instant.parse(offset.get("created").asText()).equals(status.created())) {
            return "the bucket was created at another time than that of the position; if it was made again, see"
                    + " on.position.lost";
        }
        if (offset.has("snapshot.end")) {
            return "in a snapshot up to revision " + offset.get("snapshot.end").asLong();
        }
        return offset.has("reconcile") ? "a reconciliation is due" : "";
    }

    private long pending(KvBucket bucket, KeyFilter filter, long revision) {
        String stream = bucket.subjects().stream();
        ConsumerConfiguration config = ConsumerConfiguration.builder()
                .name("kvlag-" + UUID.randomUUID().toString().substring(0, 8))
                .deliverPolicy(DeliverPolicy.ByStartSequence)
                .startSequence(revision + 1)
                .filterSubject(bucket.subjects().readSubject(filter.pattern()))
                .ackPolicy(AckPolicy.None)
                .headersOnly(true)
                .memStorage(true)
                .numReplicas(1)
                .inactiveThreshold(INACTIVE)
                .build();
        ConsumerInfo made = await(
                connection.api().createConsumer(stream, config, connection.api().timeout()), bucket.name());
        connection.api().deleteConsumer(stream, made.getName());
        return made.getNumPending();
    }

    private static <T> T await(CompletableFuture<T> future, String bucket) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw KvErrors.translate(e, "lag in bucket \"" + bucket + "\"");
        }
    }
}
