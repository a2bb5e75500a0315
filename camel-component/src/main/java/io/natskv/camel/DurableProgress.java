package io.natskv.camel;

import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.natskv.camel.DurableConsumers.Start;
import java.time.ZonedDateTime;
import java.util.OptionalLong;

/**
 * How far a durable consumer has come, for the day on which it is gone from the server, and its position with it: the one that takes its
 * place has to go on there. What others who share it have reached is not known here; so some changes may come again. For the reading thread.
 */
final class DurableProgress {
    private final NatsKvConfiguration options;
    /** When the bucket was made that all of this is about; null before the first one. */
    private ZonedDateTime bucket;
    /** The last revision that was delivered, here or (when this one began) elsewhere; 0 if none was. */
    private long last;

    DurableProgress(NatsKvConfiguration options) {
        this.options = options;
    }

    /**
     * Where a new consumer has to begin.
     *
     * @param created when the bucket was made
     * @param lowestHeld the lowest revision that is being processed here
     */
    Start start(ZonedDateTime created, OptionalLong lowestHeld) {
        if (bucket == null) {
            return Start.of(options);
        }
        if (!bucket.equals(created)) {
            return Start.anew(options);
        }
        // The end of what is under way could not be told to the new one.
        long from = Math.min(last + 1, lowestHeld.orElse(Long.MAX_VALUE));
        return last == 0 ? Start.of(options) : Start.at(from);
    }

    /** A consumer is there. */
    void opened(ZonedDateTime created, ConsumerInfo consumer) {
        if (!created.equals(bucket)) {
            bucket = created;
            last = 0;
        }
        long delivered = consumer.getDelivered().getStreamSequence();
        boolean isBaseline = consumer.getConsumerConfiguration().getDeliverPolicy() == DeliverPolicy.New
                || consumer.getDelivered().getConsumerSequence() > 0;
        if (isBaseline) {
            last = Math.max(last, delivered);
        }
    }

    void delivered(long revision) {
        last = Math.max(last, revision);
    }
}
