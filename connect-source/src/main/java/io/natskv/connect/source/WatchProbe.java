package io.natskv.connect.source;

import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connect.LiveCheck.Finding;
import io.natskv.core.error.KvException;
import io.natskv.core.error.PermissionException;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import io.natskv.core.watch.WatchStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tries what a task will do: watches each bucket and filter for a moment. So a permission that is missing is found on the subject that it
 * is missing for, and small buckets tell their largest entry. Values are not read.
 */
final class WatchProbe {
    /** Each has a consumer on the server while it is tried. */
    private static final int MOST_WATCHES = 16;
    /** A bucket of so many entries is read through in a few hundred milliseconds. */
    private static final long FEW_ENTRIES = 20_000;

    private static final Duration LIMIT = Duration.ofMillis(2_500);
    /** The server refuses a request for messages within milliseconds, but says nothing to one that it permits. */
    private static final Duration SETTLED = Duration.ofMillis(250);

    private static final Duration TURN = Duration.ofMillis(5);
    private static final Duration INACTIVE = Duration.ofSeconds(10);

    private final SourceConfig config;
    private final Map<String, String> settings;
    private final RecordSizes sizes;

    WatchProbe(SourceConfig config, Map<String, String> settings) {
        this.config = config;
        this.settings = settings;
        this.sizes = new RecordSizes(config, settings);
    }

    /** As a {@link io.natskv.core.connect.LiveCheck.Probe}. */
    void run(List<KvBucket> buckets, Consumer<Finding> findings) {
        List<Attempt> attempts = new ArrayList<>();
        try {
            for (KvBucket bucket : buckets) {
                BucketStatus status = bucket.status();
                sizes.check(status, findings);
                for (String filter : config.watch().filters()) {
                    if (attempts.size() < MOST_WATCHES) {
                        attempts.add(new Attempt(bucket, Assignment.of(bucket.name(), filter), status));
                    }
                }
            }
            long deadline = System.nanoTime() + LIMIT.toNanos();
            List<Attempt> open = new ArrayList<>(attempts);
            while (!open.isEmpty() && System.nanoTime() - deadline < 0) {
                open.removeIf(attempt -> attempt.isDone(findings));
            }
        } finally {
            attempts.forEach(attempt -> attempt.watch.close());
        }
    }

    private final class Attempt {
        private final Assignment assignment;
        private final KvWatch watch;
        private final boolean readsAll;
        private boolean delivered;
        private boolean ended;
        private long watchingSince;

        private Attempt(KvBucket bucket, Assignment assignment, BucketStatus status) {
            this.assignment = assignment;
            this.readsAll = status.values() <= FEW_ENTRIES;
            this.watch = bucket.watch(WatchOptions.DEFAULT
                    .withFilters(List.of(assignment.filter()))
                    .withStart(readsAll ? WatchStart.snapshot() : WatchStart.updatesOnly())
                    .withMetaOnly(true)
                    .withInactiveThreshold(INACTIVE)
                    .withConsumerPrefix("kvvalidate"));
        }

        private boolean isDone(Consumer<Finding> findings) {
            try {
                for (WatchEvent event = watch.next(TURN); event != null; event = watch.next(Duration.ZERO)) {
                    if (event instanceof WatchEvent.Change change) {
                        delivered = true;
                        sizes.check(change.entry(), findings);
                    }
                    ended |= event instanceof WatchEvent.SnapshotEnd;
                }
            } catch (KvException e) {
                findings.accept(finding(e));
                return true;
            }
            if (watch.stats().state() != WatchStats.State.WATCHING) {
                return false;
            }
            watchingSince = watchingSince == 0 ? System.nanoTime() : watchingSince;
            return readsAll && delivered
                    ? ended
                    : (ended || !readsAll) && System.nanoTime() - watchingSince > SETTLED.toNanos();
        }

        private Finding finding(KvException error) {
            String setting = error instanceof PermissionException
                    ? ConnectionSettings.authenticationSetting(settings)
                    : WatchSettings.BUCKETS;
            return new Finding(
                    setting,
                    "Bucket \"" + assignment.bucket() + "\" can't be watched with filter \""
                            + assignment.filter().pattern() + "\": " + error.getMessage());
        }
    }
}
