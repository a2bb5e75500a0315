package io.natskv.core.watch;

import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.DeliverPolicy;
import io.natskv.core.key.BucketSubjects;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * From where the server-side consumer is to deliver. Never deliver-new: what is written while such a consumer is made again is lost.
 *
 * @param policy the deliver policy
 * @param sequence start sequence, where the policy has one
 * @param time start time, where the policy has one
 */
record ConsumerPlan(DeliverPolicy policy, long sequence, Optional<Instant> time) {
    static ConsumerPlan lastPerKey() {
        return new ConsumerPlan(DeliverPolicy.LastPerSubject, 0, Optional.empty());
    }

    static ConsumerPlan from(long sequence) {
        return new ConsumerPlan(DeliverPolicy.ByStartSequence, sequence, Optional.empty());
    }

    static ConsumerPlan from(Instant time) {
        return new ConsumerPlan(DeliverPolicy.ByStartTime, 0, Optional.of(time));
    }

    /**
     * How to go on behind a revision. In the middle of a snapshot of a bucket with history, by sequence would deliver older revisions
     * of keys that have newer ones: there the snapshot is asked for again, and what was delivered is dropped on arrival.
     */
    static ConsumerPlan behind(PositionTracker position, long historyOfBucket) {
        boolean again = position.inSnapshot() && !position.history() && historyOfBucket != 1;
        return again ? lastPerKey() : from(position.revision() + 1);
    }

    ConsumerConfiguration configure(String name, BucketSubjects subjects, WatchOptions options) {
        ConsumerConfiguration.Builder consumer = ConsumerConfiguration.builder()
                .name(name)
                .ackPolicy(AckPolicy.None)
                .deliverPolicy(policy)
                .filterSubjects(options.filters().stream()
                        .map(filter -> subjects.readSubject(filter.pattern()))
                        .toList())
                .memStorage(true)
                .numReplicas(1)
                .headersOnly(options.metaOnly())
                .inactiveThreshold(options.inactiveThreshold());
        if (policy == DeliverPolicy.ByStartSequence) {
            consumer.startSequence(sequence);
        }
        time.ifPresent(instant -> consumer.startTime(instant.atZone(ZoneOffset.UTC)));
        return consumer.build();
    }
}
