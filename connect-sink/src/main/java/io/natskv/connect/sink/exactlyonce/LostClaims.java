package io.natskv.connect.sink.exactlyonce;

import io.natskv.connect.sink.exactlyonce.PartitionState.Checking;
import io.natskv.core.connect.ConnectErrors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;

/** What follows when the stored offset is not that of the task's claim any more. For one thread. */
final class LostClaims {
    private final TopicPartition partition;
    private final LaneContext context;
    private final LaneLog log;
    private final LanePosition position;
    private final Fences fences;

    LostClaims(TopicPartition partition, LaneContext context, LaneLog log, LanePosition position) {
        this.partition = partition;
        this.context = context;
        this.log = log;
        this.position = position;
        this.fences = new Fences(partition, context.config().maxFences());
    }

    /**
     * Sets the position for the next claim.
     *
     * @return when that is to be made
     * @throws ConnectException if it can't be
     */
    long claimAgainAt(Finding finding, Checking checking, StoredOffset found, long now) {
        StoredOffset held = checking.held().offset();
        OffsetStore store = checking.store();
        boolean forgotten = found.next() == StoredOffset.NONE && held.next() != StoredOffset.NONE;
        switch (finding) {
            case CLAIMED_AWAY -> {
                context.meter().common.fenced.increment();
                log.fenced(store, held, found);
                if (forgotten) {
                    position.reset();
                }
                return fences.fenced(now, found);
            }
            case ROLLED_BACK -> {
                log.rolledBack(store, held, found);
                if (forgotten && !position.startsOver(context.config().resetsOnMismatch())) {
                    throw ConnectErrors.of(OffsetMismatch.rolledBack(store, held), "");
                }
                return now;
            }
            default -> {
                log.purged(store, held);
                context.lookAgain(partition); // it may be another bucket by now
                return now;
            }
        }
    }
}
