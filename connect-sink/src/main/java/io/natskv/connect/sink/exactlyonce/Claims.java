package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.exactlyonce.OffsetStore.Held;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims partitions: writes the offset again under a new epoch, by compare-and-set. Whoever had it before can store nothing any more. Thread-safe.
 */
final class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    private final String owner;
    private final TopicLog log;
    private final boolean reset;
    private final ExactlyOnceMeter meter;

    /**
     * @param owner a name that nobody else has
     * @param reset what to do when offset and topic don't fit: true drops the offset, false fails
     */
    Claims(String owner, TopicLog log, boolean reset, ExactlyOnceMeter meter) {
        this.owner = owner;
        this.log = log;
        this.reset = reset;
        this.meter = meter;
    }

    /**
     * Claims a partition.
     *
     * @param resumeAt where to go on if no offset is stored; {@link StoredOffset#NONE} for where the consumer group stands
     * @param forced where to go on whatever is stored
     * @param wanted asked before the claim is sent
     * @return the claim; fails with {@link OffsetMismatch}, with {@link io.natskv.core.error.WrongRevisionException} if somebody else was
     *     quicker, or with another {@link KvException}: then it is not known, and may be tried again
     */
    CompletableFuture<Held> claim(
            OffsetStore store, TopicPartition partition, long resumeAt, OptionalLong forced, BooleanSupplier wanted) {
        return store.prepareAgain()
                .thenCompose(changed -> {
                    if (changed) {
                        madeRoomAgain(store);
                    }
                    return store.read(partition)
                            .thenCombine(
                                    log.look(partition),
                                    (held, state) -> new Found(
                                            held, state, forced.orElseGet(() -> next(store, held, state, resumeAt))));
                })
                .thenCompose(found -> {
                    if (!wanted.getAsBoolean()) {
                        throw new UnavailableException("Partition " + partition + " is gone", null);
                    }
                    return store.write(
                            List.of(),
                            found.held.offset().claimedBy(owner, found.next, topicId(found)),
                            found.held.revision());
                });
    }

    private record Found(Held held, TopicLog.State state, long next) {}

    void madeRoomAgain(OffsetStore store) {
        meter.setUpsRepeated.increment();
        LOG.warn(
                "The stream of bucket {} had lost its room for offsets, or never had it: another client has updated it from scratch. Made it again",
                store.bucket());
    }

    /** An id that is not known now may be so for the moment only. */
    private static String topicId(Found found) {
        String now = found.state.topicId();
        return now.isEmpty() ? found.held.offset().topicId() : now;
    }

    private long next(OffsetStore store, Held held, TopicLog.State state, long resumeAt) {
        StoredOffset stored = held.offset();
        if (stored.next() == StoredOffset.NONE) {
            return resumeAt;
        }
        boolean known = !stored.topicId().isEmpty() && !state.topicId().isEmpty();
        if (known && !stored.topicId().equals(state.topicId())) {
            return mismatch(store, stored, "the topic was deleted and made again since (its id is another one)", 0);
        }
        if (state.end() >= 0 && stored.next() > state.end()) {
            // A log that has lost its end goes on there. If it may as well be another topic's, nothing of it is known
            // to be stored.
            return mismatch(store, stored, "the topic's log ends at offset " + state.end(), known ? state.end() : 0);
        }
        if (isBehindGroup(stored, state)) {
            LOG.warn(
                    "Partition {} is stored in bucket {} up to offset {}, but its consumer group has committed {}: it was delivered at_least_once "
                            + "meanwhile, or the bucket was put back to what it was before. The records between are written now. If they are "
                            + "there already, stop the connector and set its offsets over REST",
                    stored.partition(),
                    store.bucket(),
                    stored.next(),
                    state.committed());
        }
        return stored.next();
    }

    /** With exactly once alone the group never comes to lie ahead of what is stored. */
    boolean isBehindGroup(StoredOffset stored, TopicLog.State state) {
        return !stored.owner().equals(owner) && stored.next() != StoredOffset.NONE && state.committed() > stored.next();
    }

    private long mismatch(OffsetStore store, StoredOffset stored, String why, long instead) {
        if (!reset) {
            throw new OffsetMismatch(stored.partition(), stored.next(), store.bucket(), why);
        }
        LOG.warn(
                "Partition {} is stored in bucket {} up to offset {}, but {}. Going on at {} ({}=reset)",
                stored.partition(),
                store.bucket(),
                stored.next(),
                why,
                instead,
                ExactlyOnceConfig.ON_OFFSET_MISMATCH);
        return instead;
    }
}
