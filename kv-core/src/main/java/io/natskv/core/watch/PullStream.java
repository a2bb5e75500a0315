package io.natskv.core.watch;

import io.nats.client.Connection;
import io.nats.client.Message;
import io.nats.client.PullRequestOptions;
import io.nats.client.Subscription;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.impl.Headers;
import io.nats.client.support.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * What one server-side consumer delivers: keeps pull requests open up to the bounds, and notices when a message is missing or the consumer is
 * gone. It is then {@link #broken()} for good, and another one has to take its place.
 */
final class PullStream {
    /** A status that means nothing more will come over this consumer. */
    private static final String CONSUMER_DELETED = "Consumer Deleted";

    private static final String OVERSIZE = "Message Size Exceeds MaxBytes";
    private static final Duration EXPIRES = Duration.ofSeconds(30);
    private static final long STATUS_PAUSE = 1_000_000;

    private final Connection connection;
    private final Subscription subscription;
    private final String inbox;
    private final String pullSubject;
    private final String consumer;
    private final DeliveryReader deliveries;
    private final int maxBatch;
    private final long batchBytes;
    private final boolean boundedByServer;
    private final Duration expires;
    private final Duration heartbeat;
    private final long heartbeatNanos;
    private final long silenceNanos;

    private long consumerSequence;
    private long outstanding;
    private long lastBatch;
    private long hold;
    private long sinceRequest;
    private double averageBytes = 1_024;
    private long largestBytes;
    private boolean oversize;
    private boolean heard;
    private long heardAt;
    /** The time of the last message or wait. */
    private long clock;

    private long pending;
    private String broken;

    /** Subscribes; the first pull request goes out with the first {@link #next}. */
    PullStream(Connection connection, String pullSubject, ConsumerInfo consumer, WatchOptions options) {
        this.connection = connection;
        this.pullSubject = pullSubject;
        this.consumer = consumer.getName();
        this.deliveries = new DeliveryReader(consumer.getStreamName(), consumer.getName());
        this.pending = consumer.getNumPending();
        this.inbox = connection.createInbox();
        this.subscription = connection.subscribe(inbox);
        // What we asked for is the bound; the client's own limits must not drop what is under way.
        subscription.setPendingLimits(
                options.maxBufferedEntries() * 2L + 1_000, options.maxBufferedBytes() * 2 + (64L << 20));
        // At most two requests are under way, the older one with at most half of its messages left: see request().
        this.maxBatch = Math.max(1, options.maxBufferedEntries() * 2 / 3);
        this.batchBytes = options.maxBufferedBytes() / 2;
        // Server 2.9 skips a message that exceeds max_bytes, silently: there the bound is kept by the number of
        // messages, judged by
        // the largest so far.
        this.boundedByServer = connection.getServerInfo().isSameOrNewerThanVersion("2.10.0");
        this.heartbeat = options.heartbeat();
        this.heartbeatNanos = heartbeat.toNanos();
        this.expires = heartbeat.multipliedBy(4).compareTo(EXPIRES) > 0 ? heartbeat.multipliedBy(4) : EXPIRES;
        this.silenceNanos = heartbeat.multipliedBy(2).plusMillis(500).toNanos();
    }

    String consumer() {
        return consumer;
    }

    /** How many messages the server had still to deliver, by its last word. */
    long pending() {
        return pending;
    }

    /** jnats counts a message up after it can be taken, and down when it is: for a moment it counts one too few. */
    long bufferedMessages() {
        return Math.max(0, subscription.getPendingMessageCount());
    }

    long bufferedBytes() {
        return Math.max(0, subscription.getPendingByteCount());
    }

    /** Why nothing more will come; null while all is well. */
    String broken() {
        return broken;
    }

    /** Whether anything has come from the server over this consumer. */
    boolean heard() {
        return heard;
    }

    /** Silence while the reader was elsewhere is no sign of anything. Both are times by {@link System#nanoTime}. */
    void readerIsBack(long lastRead, long now) {
        if (now - lastRead > heartbeatNanos) {
            heardAt = now;
        }
    }

    /** Makes a waiting {@link #next} return. Callable from any thread. */
    void wake() {
        try {
            connection.publish(inbox, null);
        } catch (IllegalStateException e) {
            // disconnected: the reader looks again by itself
        }
    }

    /**
     * The next message in sequence; null if none came in time, or if the stream is {@link #broken()}.
     *
     * @param waitNanos how long to wait; 0 or less takes what is there
     * @param now {@link System#nanoTime} of a moment ago: a look at the clock for each message adds up
     */
    Delivery next(long waitNanos, long now) throws InterruptedException {
        clock = now;
        request();
        long wait = waitNanos;
        while (broken == null) {
            Message message = poll(wait);
            if (message == null) {
                return null;
            }
            heardAt = clock;
            if (message.isJetStream()) {
                return inSequence(deliveries.read(message));
            }
            if (message.isStatusMessage()) {
                heard |= message.getStatus().getCode() == 100;
                onStatus(message);
            } else if (waitNanos > 0 && subscription.getPendingMessageCount() == 0) {
                return null; // woken up by ourselves
            }
            wait = subscription.getPendingMessageCount() > 0 ? 0 : Math.min(wait, STATUS_PAUSE);
            request();
        }
        return null;
    }

    private Message poll(long waitNanos) throws InterruptedException {
        try {
            Message message = subscription.nextMessage(null);
            if (message == null && waitNanos > 0) {
                message = subscription.nextMessage(Duration.ofNanos(waitNanos));
                clock = System.nanoTime();
            }
            if (message == null && outstanding > 0 && clock - heardAt > silenceNanos) {
                broken = "no sign of life from the server";
            }
            return message;
        } catch (IllegalStateException e) {
            broken = "subscription closed";
            return null;
        }
    }

    /** True for the subject of our pull requests and for that of their answers. */
    boolean uses(String subject) {
        return subject.equals(pullSubject) || subject.equals(inbox);
    }

    private Delivery inSequence(Delivery delivery) {
        outstanding--;
        sinceRequest++;
        long bytes = delivery.message().consumeByteCount();
        averageBytes += (bytes - averageBytes) * 0.05;
        largestBytes = Math.max(largestBytes, bytes);
        oversize = false;
        if (delivery.consumerSequence() != consumerSequence + 1) {
            broken = "message " + (consumerSequence + 1) + " of the consumer is missing, got "
                    + delivery.consumerSequence();
            return null;
        }
        consumerSequence++;
        heard = true;
        pending = delivery.pending();
        return delivery;
    }

    private void onStatus(Message message) {
        Status status = message.getStatus();
        switch (status.getCode()) {
            case 100 -> onHeartbeat(message.getHeaders());
            case 404, 408 -> ended(message.getHeaders(), false);
            case 409 -> {
                String text = String.valueOf(status.getMessage());
                if (text.startsWith(OVERSIZE) || text.startsWith("Batch Completed")) {
                    ended(message.getHeaders(), text.startsWith(OVERSIZE));
                } else {
                    broken = text.startsWith(CONSUMER_DELETED) ? "consumer was deleted" : text;
                }
            }
            case 503 -> broken = "consumer is gone";
            default -> broken = "status " + status.getCode() + " " + status.getMessage();
        }
    }

    /** On an idle bucket a lost tail shows nowhere else. */
    private void onHeartbeat(Headers headers) {
        String last = headers == null ? null : headers.getLast("Nats-Last-Consumer");
        if (last != null && Long.parseLong(last) > consumerSequence) {
            broken = "messages up to " + last + " of the consumer are missing, got " + consumerSequence;
        }
    }

    /** A pull request has ended before it was filled; what it still asked for is void. */
    private void ended(Headers headers, boolean full) {
        String text = headers == null ? null : headers.getLast("Nats-Pending-Messages");
        long unfilled = text == null ? outstanding : Long.parseLong(text);
        // Nothing at all fitted: the next message is larger than a whole request.
        oversize = full && unfilled >= lastBatch;
        outstanding = Math.max(0, outstanding - unfilled);
    }

    /**
     * The server serves waiting requests in turn, and does not say when one is filled. The next one goes out when half of the last is left, and
     * not before the one before that must have been filled: so two are under way at most, and the bounds hold.
     */
    private void request() {
        if (oversize) {
            if (outstanding == 0) {
                send(1, 0);
            }
        } else if (outstanding == 0 || outstanding <= lastBatch / 2 && sinceRequest >= hold) {
            // As many as will fit, so that a request is filled rather than ended by its size, which costs a round trip.
            double each = boundedByServer ? averageBytes / 0.8 : Math.max(largestBytes, 4_096);
            send(Math.max(1, Math.min(maxBatch, (long) (batchBytes / each))), boundedByServer ? batchBytes : 0);
        }
    }

    private void send(long batch, long bytes) {
        PullRequestOptions.Builder request =
                PullRequestOptions.builder((int) batch).expiresIn(expires).idleHeartbeat(heartbeat);
        if (bytes > 0) {
            request.maxBytes(bytes);
        }
        try {
            connection.publish(pullSubject, inbox, request.build().toJson().getBytes(StandardCharsets.UTF_8));
        } catch (IllegalStateException e) {
            broken = "disconnected";
            return;
        }
        if (outstanding == 0) {
            heardAt = System.nanoTime();
        }
        hold = 2 * outstanding;
        sinceRequest = 0;
        lastBatch = batch;
        outstanding += batch;
    }

    /** Stops listening; the server-side consumer is the caller's to delete. */
    void close() {
        try {
            subscription.unsubscribe();
        } catch (IllegalStateException e) {
            // closed before, or the connection is
        }
    }
}
