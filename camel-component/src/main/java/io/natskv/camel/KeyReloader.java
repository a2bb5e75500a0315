package io.natskv.camel;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.ContextReloadStrategy;
import org.apache.camel.support.DefaultContextReloadStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Watches the keys whose values stand in properties, and has the routes reloaded when one changes. */
final class KeyReloader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyReloader.class);
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LAST_PAUSE_MILLIS = 30_000;
    private static final long LONGEST_END_MILLIS = 2_000;
    private static final Duration SLICE = Duration.ofMillis(250);

    private final CamelContext context;
    private final ExecutorService threads;
    private final Map<String, Watched> watched = new HashMap<>();
    private final Opener opener;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Set<Thread> watchers = ConcurrentHashMap.newKeySet();

    /** Opens a bucket, by another connection if the first one was given up. */
    @FunctionalInterface
    interface Opener {
        KvBucket open(String bucket) throws Exception;
    }

    KeyReloader(CamelContext context, Opener opener) {
        this.context = context;
        this.opener = opener;
        this.threads = context.getExecutorServiceManager().newCachedThreadPool(this, "NatsKvReload");
    }

    /** A key's value was used. By one thread at a time. */
    void used(String bucket, String key, long revision) {
        Watched keys = watched.get(bucket);
        if (keys == null) {
            keys = new Watched(bucket);
            watched.put(bucket, keys);
            keys.revisions.put(key, revision);
            threads.execute(keys);
        } else {
            keys.revisions.put(key, revision);
        }
    }

    /** Ends the watches, and waits a little, so that they can clear up at the server; not for a reload that is under way and closes this. */
    @Override
    public void close() {
        closed.countDown();
        context.getExecutorServiceManager().shutdown(threads);
        if (watchers.contains(Thread.currentThread())) {
            return;
        }
        try {
            if (!threads.awaitTermination(LONGEST_END_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.debug("A reload is still under way");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** False if closed meanwhile. */
    private boolean rest(long millis) {
        try {
            return !closed.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            return false; // stopped by force
        }
    }

    private void reload(String name) {
        try {
            ContextReloadStrategy strategy = context.hasService(ContextReloadStrategy.class);
            if (strategy == null) {
                strategy = new DefaultContextReloadStrategy();
                context.addService(strategy, true, true);
            }
            LOG.info("Key {} has changed: reloading the routes that use it", name);
            strategy.onReload("nats-kv:" + name);
        } catch (Exception e) {
            LOG.warn("Key {} has changed, and the routes could not be reloaded", name, e);
        }
    }

    /** The used keys of one bucket. */
    private final class Watched implements Runnable {
        private final String bucket;
        /** By key, the last revision that was used; 0 for none. */
        private final Map<String, Long> revisions = new ConcurrentHashMap<>();

        Watched(String bucket) {
            this.bucket = bucket;
        }

        @Override
        public void run() {
            watchers.add(Thread.currentThread());
            long pause = FIRST_PAUSE_MILLIS;
            while (closed.getCount() > 0) {
                try {
                    watch();
                    pause = FIRST_PAUSE_MILLIS;
                } catch (Exception e) {
                    LOG.warn(
                            "The keys of bucket \"{}\" can't be watched; trying again in {} ms: {}",
                            bucket,
                            pause,
                            e.getMessage());
                    if (!rest(pause)) {
                        return;
                    }
                    pause = Math.min(2 * pause, LAST_PAUSE_MILLIS);
                }
            }
        }

        /** Until other keys are used. */
        private void watch() throws Exception {
            List<String> keys = new ArrayList<>(revisions.keySet());
            // A server 2.9 knows one filter only.
            List<KeyFilter> filters = keys.size() > 1
                    ? List.of(KeyFilter.ALL)
                    : keys.stream().map(KeyFilter::new).toList();
            WatchOptions options = WatchOptions.DEFAULT
                    .withConsumerPrefix("camel-nats-kv-reload")
                    .withFilters(filters)
                    .withMetaOnly(true);
            try (KvWatch watch = opener.open(bucket).watch(options)) {
                while (closed.getCount() > 0 && revisions.size() == keys.size()) {
                    WatchEvent event = watch.next(SLICE);
                    if (event instanceof WatchEvent.Change change) {
                        changed(change.entry());
                    } else if (event instanceof WatchEvent.PositionLost) {
                        revisions.replaceAll((key, revision) -> 0L); // they say nothing about another bucket
                        watch.restart(WatchStart.snapshot());
                    }
                }
            }
        }

        private void changed(KvEntry entry) {
            Long used = revisions.get(entry.key());
            if (used != null && entry.revision() > used) {
                revisions.put(entry.key(), entry.revision());
                reload(bucket + "/" + entry.key());
            }
        }
    }
}
