package io.natskv.soak.model;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Everything that was ever stored in a bucket, over its incarnations, and when the bucket was free to forget it. Thread-safe.
 *
 * <p>It is filled by a recorder that reads the stream by sequence. What was removed before the recorder came is missing here too; then a removal is
 * known that explains it.
 */
public final class History {
    /** Names of the fields that {@link #tell} tells; a line that begins with # is a bucket, or what was taken out of one. */
    public static final String FIELDS = "incarnation\trevision\tkey\toperation\tvalue\tcreated\tttl\torigin";

    private final int depth;
    private final int markerTtlSeconds;
    private final Map<String, Integer> shortLived = new HashMap<>();
    private final List<Incarnation> incarnations = new ArrayList<>();

    /** Markers of a key up to a revision, taken out of the stream by the soak itself. */
    private record Purge(long revision, Instant from) {}

    private static final class Incarnation {
        private final Instant created;
        private final TreeMap<Long, Change> byRevision = new TreeMap<>();
        private final Map<String, List<Change>> byKey = new HashMap<>();
        /** The recorded ones, and those that were gone before the recorder came. */
        private final Map<String, TreeMap<Long, Change>> known = new HashMap<>();

        private final Map<String, List<Purge>> purges = new HashMap<>();
        private Instant ended;

        private Incarnation(Instant created) {
            this.created = created;
        }

        private TreeMap<Long, Change> known(String key) {
            return known.computeIfAbsent(key, k -> new TreeMap<>());
        }
    }

    /**
     * @param depth how many revisions of a key the bucket keeps
     * @param markerTtlSeconds how long the server's markers of what expired stay
     */
    public History(int depth, int markerTtlSeconds) {
        this.depth = depth;
        this.markerTtlSeconds = markerTtlSeconds;
    }

    /** A key is about to be written for the only time, with a time to live: value and marker may be gone before the recorder comes. */
    public synchronized void shortLived(String key, int ttlSeconds) {
        shortLived.put(key, ttlSeconds);
    }

    /** How long a message of a key that was not recorded had to live; 0 for ever. */
    synchronized int ttlSeconds(String key, Operation operation) {
        Integer ttl = shortLived.get(key);
        return ttl == null ? 0 : operation.isMarker() ? markerTtlSeconds : ttl;
    }

    /** A bucket was made. */
    public synchronized int begin(Instant created) {
        incarnations.add(new Incarnation(created));
        return incarnations.size() - 1;
    }

    /** The bucket is about to be deleted. */
    public synchronized void end(Instant from) {
        last().ended = from;
    }

    /** The recorder has read it. */
    public synchronized void add(Change change) {
        Incarnation incarnation = incarnations.get(change.incarnation());
        incarnation.byRevision.put(change.revision(), change);
        incarnation
                .byKey
                .computeIfAbsent(change.key(), key -> new ArrayList<>())
                .add(change);
        incarnation.known(change.key()).put(change.revision(), change);
    }

    /**
     * A write was acknowledged. If it was gone before the recorder came, it may have removed others nevertheless: at the earliest when the recorded
     * revision before it was stored.
     */
    synchronized void acknowledged(Ack write) {
        Incarnation incarnation = incarnations.get(write.incarnation());
        Map.Entry<Long, Change> before = incarnation.byRevision.floorEntry(write.revision());
        Instant earliest =
                before == null ? incarnation.created : before.getValue().created();
        incarnation
                .known(write.key())
                .putIfAbsent(
                        write.revision(),
                        new Change(
                                write.incarnation(),
                                write.revision(),
                                write.key(),
                                write.operation(),
                                write.digest(),
                                earliest,
                                0,
                                null));
    }

    /** Somebody has read a change that the recorder has not. */
    synchronized void seenElsewhere(Change change) {
        Incarnation incarnation = incarnations.get(change.incarnation());
        if (!incarnation.byRevision.containsKey(change.revision())) {
            incarnation.known(change.key()).put(change.revision(), change);
        }
    }

    /** The soak is about to remove a key's messages up to its marker. */
    public synchronized void purged(String key, long revision, Instant from) {
        last().purges.computeIfAbsent(key, k -> new ArrayList<>()).add(new Purge(revision, from));
    }

    /** The last revision that was recorded of the present bucket; 0 for none. */
    public synchronized long lastRevision() {
        return last().byRevision.isEmpty() ? 0 : last().byRevision.lastKey();
    }

    public synchronized int size() {
        return incarnations.stream().mapToInt(i -> i.byRevision.size()).sum();
    }

    public synchronized int incarnations() {
        return incarnations.size();
    }

    /** When the bucket of this number was made. */
    public synchronized Instant created(int incarnation) {
        return incarnations.get(incarnation).created;
    }

    /** All changes of a bucket, in order. */
    synchronized Collection<Change> changes(int incarnation) {
        return List.copyOf(incarnations.get(incarnation).byRevision.values());
    }

    /** All changes of a key, bucket by bucket, in order. */
    synchronized List<Change> changes(String key) {
        List<Change> all = new ArrayList<>();
        incarnations.forEach(i -> all.addAll(i.byKey.getOrDefault(key, List.of())));
        return all;
    }

    synchronized Optional<Change> find(int incarnation, long revision) {
        return Optional.ofNullable(incarnations.get(incarnation).byRevision.get(revision));
    }

    /** The change of this revision and creation time, whatever the bucket. */
    synchronized Optional<Change> find(long revision, Instant created) {
        for (int i = incarnations.size() - 1; i >= 0; i--) {
            Change change = incarnations.get(i).byRevision.get(revision);
            if (change != null && change.created().equals(created)) {
                return Optional.of(change);
            }
        }
        return Optional.empty();
    }

    /** The bucket that was there at this time. */
    synchronized int at(Instant time) {
        int found = 0;
        for (int i = 0; i < incarnations.size(); i++) {
            if (!incarnations.get(i).created.isAfter(time)) {
                found = i;
            }
        }
        return found;
    }

    /**
     * From when on the bucket may have done without a revision of a key, by its own rules: history, purge, time to live, the end of the bucket.
     *
     * @param created of the revision
     * @param ttlSeconds of the revision; 0 for none
     * @return {@link Instant#MAX} if it has to be there still
     */
    synchronized Instant removable(int incarnation, String key, long revision, Instant created, int ttlSeconds) {
        Incarnation bucket = incarnations.get(incarnation);
        Instant first = bucket.ended == null ? Instant.MAX : bucket.ended;
        if (ttlSeconds > 0) {
            first = earlier(first, created.plus(Duration.ofSeconds(ttlSeconds)));
        }
        int later = 0;
        for (Change change : bucket.known(key).tailMap(revision, false).values()) {
            later++;
            if (change.operation() == Operation.PURGE || later == depth) {
                first = earlier(first, change.created());
                break;
            }
        }
        for (Purge purge : bucket.purges.getOrDefault(key, List.of())) {
            if (purge.revision >= revision) {
                first = earlier(first, purge.from);
            }
        }
        return first;
    }

    Instant removable(Change change) {
        return removable(change.incarnation(), change.key(), change.revision(), change.created(), change.ttlSeconds());
    }

    /** When the next recorded change of the same key was stored; {@link Instant#MAX} if there is none. */
    synchronized Instant overwritten(Change change) {
        return incarnations.get(change.incarnation()).byKey.get(change.key()).stream()
                .filter(later -> later.revision() > change.revision())
                .map(Change::created)
                .findFirst()
                .orElse(Instant.MAX);
    }

    /** Everything that is known, line by line. */
    public synchronized void tell(Consumer<String> lines) {
        for (int i = 0; i < incarnations.size(); i++) {
            Incarnation bucket = incarnations.get(i);
            lines.accept("# bucket " + i + " made " + bucket.created + ", deleted " + bucket.ended);
            bucket.byRevision.values().forEach(change -> lines.accept(change.fields()));
            bucket.purges.forEach((key, all) -> all.forEach(purge ->
                    lines.accept("# key " + key + " removed up to revision " + purge.revision + " " + purge.from)));
        }
    }

    private Incarnation last() {
        return incarnations.get(incarnations.size() - 1);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }
}
