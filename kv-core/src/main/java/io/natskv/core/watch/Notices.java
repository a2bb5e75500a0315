package io.natskv.core.watch;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/** The events that are due, other than changes. An outage is told once, and so is a bucket that is missing. For the reader alone. */
final class Notices {
    private final Queue<WatchEvent> due = new ArrayDeque<>();
    private final WatchMeter meter;
    private final String bucket;
    private final String stream;
    private boolean missing;

    Notices(WatchMeter meter, String bucket, String stream) {
        this.meter = meter;
        this.bucket = bucket;
        this.stream = stream;
    }

    boolean isEmpty() {
        return due.isEmpty();
    }

    /** The next one, or null. */
    WatchEvent poll() {
        return due.poll();
    }

    void add(WatchEvent event) {
        due.add(event);
    }

    /** The reader begins anew: what was due means nothing any more. */
    void clear() {
        due.clear();
        missing = false;
    }

    void bucketMissing() {
        if (!missing) {
            missing = true;
            due.add(new WatchEvent.BucketDeleted("Bucket \"" + bucket + "\" does not exist (stream " + stream + ")"));
        }
    }

    void bucketFound() {
        missing = false;
    }

    void interrupted(String servers, String reason) {
        if (meter.unavailable()) {
            due.add(new WatchEvent.Unavailable(
                    "Watch of bucket \"" + bucket + "\" at " + servers + " is interrupted: " + reason));
        }
    }

    void delivering() {
        Duration outage = meter.available();
        if (!outage.isZero()) {
            due.add(new WatchEvent.Available(outage));
        }
    }
}
