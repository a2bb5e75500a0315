package io.natskv.tools.lag;

import com.fasterxml.jackson.databind.JsonNode;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.key.KeyFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * How far a source has come. The lag is how many revisions a consumer behind its position would deliver: last revision less position would count
 * those of other keys, and those that are gone.
 */
final class SourceLag {
    private static final Duration INACTIVE = Duration.ofSeconds(5);

    private static final Comparator<Place> ORDER =
            Comparator.comparing(Place::bucket).thenComparing(Place::filter);
    private static final String NOTE_OF = "of";
    private static final String NOTE_AFTER = "after";

    private final KvConnection connection;
    /** Empty if they are found by a pattern. */
    private final List<String> buckets;

    private final List<String> filters;

    private record Place(String bucket, String filter) {
        private boolean covers(Place other) {
            return bucket.equals(other.bucket)
                    && new KeyFilter(filter).matches(other.filter)
                    && (filter.endsWith(">") || !other.filter.endsWith(">"));
        }

        @Override
        public String toString() {
            return bucket + " " + filter;
        }
    }

    /** @param config the connector's settings */
    SourceLag(KvConnection connection, Map<String, String> config) {
        this.connection = connection;
        this.buckets = list(config, "kv.buckets");
        List<String> given = list(config, "kv.key.filters");
        this.filters = given.isEmpty() ? List.of(">") : given;
    }

    private static List<String> list(Map<String, String> config, String setting) {
        return Arrays.stream(GivenSettings.text(config, setting).split(","))
                .map(String::trim)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    /** @param offsets as Connect's REST API lists them */
    List<Position> of(JsonNode offsets) {
        Map<Place, JsonNode> own = new TreeMap<>(ORDER);
        Map<Place, JsonNode> notes = new TreeMap<>(ORDER);
        for (JsonNode stored : offsets) {
            JsonNode partition = stored.path("partition");
            JsonNode offset = stored.path("offset");
            if (!partition.path("bucket").isTextual()
                    || !offset.path("revision").isIntegralNumber()) {
                continue;
            }
            String bucket = partition.get("bucket").asText();
            if (offset.path(NOTE_OF).isTextual()) {
                notes.put(new Place(bucket, offset.get(NOTE_OF).asText()), offset);
            } else {
                own.put(new Place(bucket, partition.path("filter").asText(">")), offset);
            }
        }
        notes.forEach((place, note) -> {
            if (follows(note, own.get(place))) {
                own.put(place, note);
            }
        });
        Set<String> named = new TreeSet<>(buckets);
        if (named.isEmpty()) {
            own.keySet().forEach(place -> named.add(place.bucket));
        }
        List<Position> positions = new ArrayList<>();
        own.forEach((place, offset) -> positions.add(isRead(place) ? position(place, offset) : left(place, offset)));
        for (String bucket : named) {
            filters.stream()
                    .map(filter -> new Place(bucket, filter))
                    .filter(place -> !own.containsKey(place))
                    .forEach(place -> positions.add(uncommitted(place, own)));
        }
        return positions;
    }

    /** What an earlier configuration has left: Connect forgets no offset. */
    private static Position left(Place place, JsonNode offset) {
        return new Position(
                place.toString(),
                offset.get("revision").asLong(),
                null,
                0L,
                "not read any more: left by an earlier configuration");
    }

    /** It begins where earlier filters have come to that hold its keys, or at the beginning. */
    private Position uncommitted(Place place, Map<Place, JsonNode> own) {
        long begin = own.entrySet().stream()
                .filter(stored -> stored.getKey().covers(place))
                .mapToLong(stored -> stored.getValue().get("revision").asLong())
                .min()
                .orElse(0);
        String note = "nothing is committed yet";
        try {
            KvBucket bucket = await(new KvBuckets(connection).openAsync(place.bucket), place.bucket);
            KeyFilter filter = new KeyFilter(place.filter);
            long last = await(bucket.lastRevisionAsync(filter), place.bucket);
            return new Position(place.toString(), null, last, pending(bucket, filter, begin), note);
        } catch (KvException e) {
            return new Position(place.toString(), null, null, null, note + "; " + e.getMessage());
        }
    }

    /** A record that leaves a note of its filter has its position there: see the connector's own rule. */
    private static boolean follows(JsonNode note, JsonNode own) {
        if (own == null) {
            return !note.has(NOTE_AFTER);
        }
        String id = own.get("revision").asText() + "@" + own.path("generation").asLong(0);
        return own.has("created") && note.path(NOTE_AFTER).asText().equals(id);
    }

    private boolean isRead(Place place) {
        return filters.contains(place.filter) && (buckets.isEmpty() || buckets.contains(place.bucket));
    }

    private Position position(Place stored, JsonNode offset) {
        String name = stored.bucket;
        String place = stored.toString();
        KeyFilter filter = new KeyFilter(stored.filter);
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
        } catch (BucketNotFoundException e) {
            // One that was found by a pattern is waited for no longer.
            return new Position(place, revision, null, buckets.isEmpty() ? 0L : null, e.getMessage());
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
