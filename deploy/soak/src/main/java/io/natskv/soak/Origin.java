package io.natskv.soak;

import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.natskv.soak.model.History;
import io.natskv.soak.model.State;
import io.natskv.testing.process.Wait;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** The bucket that everything begins with, who writes it, and who records it. */
final class Origin implements AutoCloseable {
    /** Hot keys get there within a long outage. */
    static final int HISTORY = 64;

    private static final int NO_CONSUMER = 10014;
    private static final Duration MARKER_TTL = Duration.ofSeconds(5);
    private static final Duration SOON = Duration.ofSeconds(60);

    private final RawBucket bucket;
    private final History history = new History(HISTORY, (int) MARKER_TTL.toSeconds());
    private final Traffic traffic;
    private Recorder recorder;

    Origin(RawBucket bucket, long seed, int rate) throws Exception {
        this.bucket = bucket;
        begin();
        this.traffic = new Traffic(bucket, history, seed, rate);
    }

    RawBucket bucket() {
        return bucket;
    }

    History history() {
        return history;
    }

    Traffic traffic() {
        return traffic;
    }

    synchronized boolean recorded() throws Exception {
        return recorder.caughtUp();
    }

    /** Deletes it and makes one of the same name, as full of nothing as the first one was. */
    synchronized String makeAnew() throws Exception {
        traffic.pause();
        try {
            Wait.until("record of the bucket", SOON, recorder::caughtUp);
            recorder.close();
            history.end(Instant.now());
            Wait.until("deletion of the bucket", SOON, bucket::delete);
            traffic.newBucket(begin());
        } finally {
            traffic.resume();
        }
        return "bucket #" + (history.incarnations() - 1);
    }

    private int begin() {
        int number = history.begin(bucket.create(HISTORY, MARKER_TTL));
        recorder = new Recorder(bucket, history, number);
        return number;
    }

    /** Removes all delete markers, as clients do to save room. */
    synchronized int purgeMarkers() throws Exception {
        // A change of leaders before may keep it waiting.
        Map<String, State> states = Wait.value("read of all markers", SOON, () -> BucketState.read(bucket));
        int count = 0;
        for (Map.Entry<String, State> state : states.entrySet()) {
            if (state.getValue().operation().isMarker()) {
                history.purged(state.getKey(), state.getValue().revision(), Instant.now());
                Wait.until("purge of a marker", SOON, () -> {
                    bucket.purgeMessages(state.getKey(), state.getValue().revision());
                    return true;
                });
                count++;
            }
        }
        return count;
    }

    /** Removes all consumers, as an administrator could who takes them for left behind. Another fault may keep it waiting, too. */
    int deleteConsumers() throws Exception {
        JetStreamManagement management = bucket.connection().jetStreamManagement();
        List<String> names =
                Wait.value("names of the consumers", SOON, () -> management.getConsumerNames(bucket.streamName()));
        for (String name : names) {
            Wait.until("deletion of a consumer", SOON, () -> isGone(management, name));
        }
        return names.size();
    }

    private boolean isGone(JetStreamManagement management, String consumer) throws IOException, JetStreamApiException {
        try {
            return management.deleteConsumer(bucket.streamName(), consumer);
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NO_CONSUMER) {
                return true;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        traffic.close();
        recorder.close();
    }
}
