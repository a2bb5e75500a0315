package io.natskv.camel;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.error.KeyNotFoundException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.support.PollingConsumerSupport;

/**
 * Reads one key for {@code poll} and {@code pollEnrich}: its value if it has one, else the first one that it is given while there is
 * time.
 */
public class NatsKvPollingConsumer extends PollingConsumerSupport {
    private static final Duration SLICE = Duration.ofMillis(250);

    private final NatsKvEndpoint endpoint;
    private final String key;
    private final ReentrantLock opening = new ReentrantLock();
    private OpenBucket open;

    /** @throws io.natskv.core.error.InvalidKeyException if the option key is no exact key */
    NatsKvPollingConsumer(NatsKvEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        this.key = endpoint.getConfiguration().getKey();
        if (key == null) {
            throw new IllegalArgumentException(
                    "Bucket \"" + endpoint.getBucket() + "\": to poll it, set the option key to one key");
        }
        KvNames.checkKey(key);
    }

    @Override
    protected void doStart() throws Exception {
        bucket();
    }

    @Override
    protected void doStop() {
        opening.lock();
        try {
            if (open != null) {
                open.close();
                open = null;
            }
        } finally {
            opening.unlock();
        }
    }

    /** Waits for a value as long as it takes. */
    @Override
    public Exchange receive() {
        return await(Long.MAX_VALUE);
    }

    /** The value; null if there is none. */
    @Override
    public Exchange receiveNoWait() {
        try {
            return exchange(bucket().bucket().get(key));
        } catch (KeyNotFoundException e) {
            return null;
        }
    }

    /** The value, or the first one within a time in milliseconds; null if there is none. */
    @Override
    public Exchange receive(long timeout) {
        return timeout <= 0 ? receiveNoWait() : await(timeout);
    }

    private Exchange await(long timeout) {
        Exchange now = receiveNoWait();
        if (now != null) {
            return now;
        }
        long start = System.nanoTime();
        WatchOptions options = WatchOptions.DEFAULT
                .withConsumerPrefix(endpoint.getConfiguration().getConsumerNamePrefix())
                .withFilters(List.of(new KeyFilter(key)))
                .withIgnoreDeletes(true);
        try (KvWatch watch = bucket().bucket().watch(options)) {
            while (isRunAllowed() && !Thread.currentThread().isInterrupted()) {
                long left = timeout == Long.MAX_VALUE
                        ? timeout
                        : timeout - Duration.ofNanos(System.nanoTime() - start).toMillis();
                if (left <= 0) {
                    return null;
                }
                WatchEvent event = watch.next(left < SLICE.toMillis() ? Duration.ofMillis(left) : SLICE);
                if (event instanceof WatchEvent.Change change && change.entry().operation() == KvOperation.PUT) {
                    return exchange(change.entry());
                } else if (event instanceof WatchEvent.PositionLost) {
                    watch.restart(WatchStart.snapshot());
                }
            }
        }
        return null;
    }

    private Exchange exchange(KvEntry entry) {
        Exchange exchange = endpoint.createExchange();
        Message message = exchange.getMessage();
        EntryMapper.map(entry, true, false, message);
        message.removeHeader(NatsKvConstants.INITIAL);
        message.setHeader(NatsKvConstants.FOUND, true);
        return exchange;
    }

    private OpenBucket bucket() {
        opening.lock();
        try {
            if (open != null && !open.isUsable()) {
                open.close();
                open = null;
            }
            if (open == null) {
                open = endpoint.openBucket();
            }
            return open;
        } catch (Exception e) {
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        } finally {
            opening.unlock();
        }
    }
}
