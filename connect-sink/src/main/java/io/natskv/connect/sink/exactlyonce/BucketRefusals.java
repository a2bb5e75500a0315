package io.natskv.connect.sink.exactlyonce;

import io.nats.client.api.StreamConfiguration;
import java.time.Duration;
import java.util.Optional;

/** Which buckets can't be written exactly once, and why. */
final class BucketRefusals {
    private BucketRefusals() {}

    /**
     * The reason against a bucket, with the way out.
     *
     * @param republishConfirmed whether the user has said that republishing does not matter
     * @return empty if there is none
     */
    static Optional<String> of(String bucket, StreamConfiguration stream, boolean republishConfirmed) {
        if (stream.getMirror() != null) {
            return refusal(bucket, "it is a mirror, which can hold nothing of its own. Write to its origin");
        }
        if (!stream.getAllowRollup()) {
            return refusal(
                    bucket,
                    "its stream does not take rollups, by which an offset takes the place of the one before. Set it (nats stream edit "
                            + stream.getName() + " --allow-rollup)");
        }
        if (stream.getMaxAge() != null
                && !stream.getMaxAge().isZero()
                && (!stream.getAllowMessageTtl() || isNone(stream.getSubjectDeleteMarkerTtl()))) {
            return refusal(
                    bucket,
                    "it has a TTL and no limit markers: its stored offsets would expire, or be gone after a restart of the "
                            + "server. Give it limit markers (nats stream edit " + stream.getName()
                            + " --allow-msg-ttl --subject-del-markers-ttl=1h), or use delivery=at_least_once");
        }
        if (stream.getRepublish() != null && !republishConfirmed) {
            return refusal(
                    bucket,
                    "it republishes what is stored to " + stream.getRepublish().getDestination()
                            + ": a stream that captures that would not get what is written by batches. Set "
                            + ExactlyOnceConfig.ALLOW_REPUBLISH
                            + "=true if no stream does, or use delivery=at_least_once");
        }
        return Optional.empty();
    }

    private static boolean isNone(Duration ttl) {
        return ttl == null || ttl.isZero();
    }

    private static Optional<String> refusal(String bucket, String why) {
        return Optional.of("Bucket \"" + bucket + "\" can't be written with delivery=exactly_once: " + why);
    }
}
