package io.natskv.tools.verify;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.key.KeyCodec;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.tools.Output;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.ToLongFunction;

/** A bucket. Its state is read up to the last revision that it had at the begin, and on to the end that it has then: what is written meanwhile moves there. */
final class BucketSide implements Side {
    /** Only who writes all the time faster than it can be read makes it so long. */
    private static final Duration LONGEST_READ = Duration.ofHours(24);

    private static final Duration LONGEST_OUTAGE = Duration.ofSeconds(60);
    private static final int MOST_READS_IN_FLIGHT = 64;
    private static final int BUFFERED_ENTRIES = 4_000;
    private static final long BUFFERED_BYTES = 4L << 20;
    private static final int MOST_HISTORIES = 1_000;

    private final KvConnection connection;
    private final KvBucket bucket;
    private final BucketStatus status;
    private final Selection selection;
    private final List<KeyFilter> filters;
    private final KeyCodec codec;
    private final RecordFormat format;
    private final ToLongFunction<KvEntry> version;
    private final boolean metaOnly;
    private final Output output;
    private final long pinned;
    private final int readsInFlight;
    private int histories;
    private long read;

    private record Question(String key, CompletableFuture<KvEntry> last) {}

    /**
     * @param connection closed with this
     * @param selection which keys
     * @param codec of its keys
     * @param version what an entry's {@link State#version} is
     * @param metaOnly whether values do not count
     */
    BucketSide(
            KvConnection connection,
            String name,
            Selection selection,
            KeyCodec codec,
            RecordFormat format,
            ToLongFunction<KvEntry> version,
            boolean metaOnly,
            Output output) {
        this.connection = connection;
        this.selection = selection;
        // Where keys are stored otherwise, the server can't choose them.
        this.filters = selection.codec() == codec ? selection.filters() : List.of(KeyFilter.ALL);
        this.codec = codec;
        this.format = format;
        this.version = version;
        this.metaOnly = metaOnly;
        this.output = output;
        try {
            this.bucket = new KvBuckets(connection).open(name);
            this.status = bucket.status();
            this.pinned = await(bucket.lastRevisionAsync(KeyFilter.ALL), "read the end of " + name());
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
        // So that the answers are not too much for connection and memory, however large values are.
        long payload = Math.max(1, connection.nats().getMaxPayload());
        this.readsInFlight = (int) Math.max(1, Math.min(MOST_READS_IN_FLIGHT, JetStreamApi.ANSWER_BYTES / payload));
    }

    @Override
    public String name() {
        return "bucket \"" + bucket.name() + "\"";
    }

    /** The last revision when this was made. */
    long pinned() {
        return pinned;
    }

    /** Whether its values live for a time only. */
    boolean expires() {
        return status.ttl() != null && !status.ttl().isZero();
    }

    @Override
    public String extent() {
        return "revision " + pinned;
    }

    @Override
    public void read(BiConsumer<String, State> consumer) {
        WatchOptions options = WatchOptions.DEFAULT
                .withFilters(filters)
                .withMetaOnly(metaOnly)
                .withBuffer(BUFFERED_ENTRIES, BUFFERED_BYTES)
                .withConsumerPrefix("kvverify");
        bucket.read(options, LONGEST_READ, LONGEST_OUTAGE, entry -> {
            read++;
            entry(entry, consumer);
            output.progress(() -> "%s: %,d of about %,d entries read".formatted(name(), read, status.values()));
        });
    }

    private void entry(KvEntry entry, BiConsumer<String, State> consumer) {
        Optional<String> key = RecordFormat.decode(codec, entry.key());
        if (key.isPresent()) {
            if (selection.selects(key.get())) {
                consumer.accept(key.get(), state(entry));
            }
        } else if (selection.isAll() && !entry.operation().isMarker()) {
            consumer.accept(Difference.UNDECODABLE + entry.key(), undecodable(entry));
        }
    }

    private State undecodable(KvEntry entry) {
        return State.unreadable(
                version.applyAsLong(entry), entry.revision(), "the key is none that the codec " + codec + " makes");
    }

    private State state(KvEntry entry) {
        return format.of(entry, version.applyAsLong(entry));
    }

    @Override
    public Map<String, State> again(Map<String, State> before) {
        Map<String, State> states = new HashMap<>();
        Queue<Question> questions = new ArrayDeque<>();
        for (Map.Entry<String, State> key : before.entrySet()) {
            if (questions.size() >= readsInFlight) {
                answer(questions.remove(), states);
            }
            String stored = stored(key.getKey(), key.getValue());
            if (stored == null) {
                states.put(key.getKey(), key.getValue());
            } else {
                questions.add(new Question(key.getKey(), bucket.lastAsync(stored)));
            }
        }
        questions.forEach(question -> answer(question, states));
        return states;
    }

    private void answer(Question question, Map<String, State> states) {
        KvEntry last = await(question.last, "read key \"" + question.key + "\" of " + name());
        states.put(
                question.key,
                last == null
                        ? State.NOTHING
                        : RecordFormat.decode(codec, last.key()).isPresent() ? state(last) : undecodable(last));
    }

    /** Null for a key that this bucket can't hold. */
    private String stored(String key, State before) {
        if (key.startsWith(Difference.UNDECODABLE)) {
            return before.problem() == null ? null : key.substring(Difference.UNDECODABLE.length());
        }
        try {
            String stored = codec.encode(key);
            return KvNames.isValidKey(stored) ? stored : null;
        } catch (InvalidKeyException e) {
            return null;
        }
    }

    @Override
    public String place(State state) {
        return state.place() == State.UNKNOWN ? null : "revision " + state.place();
    }

    @Override
    public OptionalLong earlier(String key, State state) {
        String stored = stored(key, state);
        if (stored == null || metaOnly || status.history() < 2 || ++histories > MOST_HISTORIES) {
            return OptionalLong.empty();
        }
        // One by one: together they may be much.
        long[] last = new long[1];
        WatchOptions options = WatchOptions.DEFAULT
                .withFilters(List.of(new KeyFilter(stored)))
                .withStart(WatchStart.history())
                .withBuffer(BUFFERED_ENTRIES, BUFFERED_BYTES)
                .withConsumerPrefix("kvverify");
        bucket.read(options, LONGEST_READ, LONGEST_OUTAGE, entry -> {
            if (!entry.operation().isMarker() && state(entry).sameContent(state)) {
                last[0] = entry.revision();
            }
        });
        return last[0] == 0 ? OptionalLong.empty() : OptionalLong.of(last[0]);
    }

    private static <T> T await(CompletableFuture<T> future, String action) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw KvErrors.translate(e, action);
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
