package io.natskv.connect.source;

import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.BackgroundConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.InvalidBucketException;
import io.natskv.core.error.KvException;
import io.natskv.core.key.KvNames;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Looks again and again which buckets match a pattern, on a thread of its own. What was known stays known while the server is away. A bucket counts as
 * gone when it is missing twice in a row: restarting all tasks is not worth a server that is still starting.
 */
final class BucketMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BucketMonitor.class);

    private final BackgroundConnection<KvBuckets> connection;
    private final Pattern pattern;
    private final Duration interval;
    private final Listener listener;
    private final CountDownLatch listed = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private List<String> buckets = List.of(); // guarded by this
    private List<String> handedOut; // guarded by this; null before the first time

    /** What is told of; from the monitor's thread. */
    interface Listener {
        /** The set is another one than {@link #await} returned last. */
        void changed();

        /** The buckets can't be listed, and never will be. */
        void failed(KvException error);
    }

    /** Begins to look. */
    BucketMonitor(NatsConnectionConfig config, Pattern pattern, Duration interval, Listener listener) {
        this.pattern = pattern;
        this.interval = interval;
        this.listener = listener;
        this.connection = new BackgroundConnection<>(config, KvBuckets::new);
        Map<String, String> context = MDC.getCopyOfContextMap();
        Thread thread = new Thread(
                () -> {
                    if (context != null) {
                        MDC.setContextMap(context);
                    }
                    run();
                },
                config.connectionName());
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * The buckets that match, by name.
     *
     * @param maxWait how long to wait for the first answer of the server
     * @return none if it does not come in time; {@link Listener#changed} follows
     */
    List<String> await(Duration maxWait) {
        try {
            if (!listed.await(maxWait.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("NATS has not said yet which buckets match \"{}\": no tasks until it does", pattern.pattern());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            handedOut = buckets;
            return handedOut;
        }
    }

    private void run() {
        Set<String> found = Set.of();
        boolean told = false;
        try {
            do {
                try {
                    KvBuckets server = connection.await(interval);
                    if (server != null) {
                        Set<String> before = found;
                        found = matching(server);
                        known(Stream.concat(before.stream(), found.stream())
                                .collect(Collectors.toCollection(TreeSet::new)));
                        if (told) {
                            LOG.info("Buckets are listed again");
                        }
                        told = false;
                    }
                } catch (KvException e) {
                    if (e.errorClass() == ErrorClass.FATAL && listed.getCount() > 0) {
                        listener.failed(e);
                        return;
                    }
                    if (!told && closed.getCount() > 0) {
                        LOG.warn("{}; going on with the buckets that are known", e.getMessage());
                        told = true;
                    }
                }
            } while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Set<String> matching(KvBuckets server) {
        try (Stream<String> names = server.names()) {
            return names.filter(name -> pattern.matcher(name).matches())
                    .filter(BucketMonitor::isLegal)
                    .collect(Collectors.toSet());
        }
    }

    private static boolean isLegal(String name) {
        try {
            KvNames.checkBucket(name);
            return true;
        } catch (InvalidBucketException e) {
            return false;
        }
    }

    private void known(Set<String> names) {
        List<String> now = List.copyOf(names);
        boolean changed;
        synchronized (this) {
            if (listed.getCount() == 0 && now.equals(buckets)) {
                return;
            }
            buckets = now;
            changed = handedOut != null && !now.equals(handedOut);
        }
        listed.countDown();
        LOG.info("Buckets that match \"{}\": {}", pattern.pattern(), now.isEmpty() ? "none yet" : now);
        if (changed) {
            listener.changed();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        connection.close();
    }
}
