package io.natskv.core.bucket;

import io.nats.client.api.CompressionOption;
import io.nats.client.api.StreamInfo;
import java.time.Duration;
import java.time.Instant;

/**
 * State and settings of a bucket.
 *
 * @param bucket its name
 * @param values how many revisions it holds, markers and history included; without the offsets that an exactly-once sink keeps beside them
 * @param history how many revisions of a key are kept
 * @param ttl how long any revision is kept; zero for ever
 * @param bytes its size
 * @param backingStore always {@code JetStream}
 * @param compressed whether it is compressed on disk
 * @param lastRevision its last revision
 * @param created when its stream was created
 * @param stream everything that the server says
 */
public record BucketStatus(
        String bucket,
        long values,
        int history,
        Duration ttl,
        long bytes,
        String backingStore,
        boolean compressed,
        long lastRevision,
        Instant created,
        StreamInfo stream) {

    /** The longest value that the bucket takes, in bytes; -1 if it sets no limit of its own. */
    public long maxValueSize() {
        return stream.getConfiguration().getMaximumMessageSize();
    }

    /** @param offsets how many messages of the stream belong to no key */
    static BucketStatus of(StreamInfo info, long offsets) {
        var config = info.getConfiguration();
        var state = info.getStreamState();
        return new BucketStatus(
                BucketStreams.bucketOf(config.getName()),
                state.getMsgCount() - offsets,
                (int) config.getMaxMsgsPerSubject(),
                config.getMaxAge(),
                state.getByteCount(),
                "JetStream",
                config.getCompressionOption() == CompressionOption.S2,
                state.getLastSequence(),
                info.getCreateTime().toInstant(),
                info);
    }
}
