package io.natskv.camel;

import io.nats.client.ConsumerContext;
import io.nats.client.FetchConsumeOptions;
import io.nats.client.FetchConsumer;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.impl.NatsJetStreamMetaData;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.spi.ExecutorServiceManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a durable JetStream consumer that others may share. What is given to us and not acknowledged comes again, here or elsewhere; so
 * an outage needs no more than patience. A consumer that was removed, or a connection that was given up, is made anew with growing
 * pauses.
 */
final class DurableLoop implements ChangeLoop {
    private static final Logger LOG = LoggerFactory.getLogger(DurableLoop.class);
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long FILL_PAUSE_MILLIS = 20;
    private static final long LEAST_FETCH_MILLIS = 1_000;
    private static final long EARLY_PAUSE_MILLIS = 100;

    private final NatsKvEndpoint endpoint;
    private final NatsKvConfiguration options;
    private final Gate gate;
    private final Problems problems;
    private final DurableProgress progress;
    private final DurableWindow window;
    private final ReentrantLock waiting = new ReentrantLock();
    /** Waits for the server; with the lock. */
    private Thread waiter;

    private volatile Source source;
    private volatile boolean recovering;
    private volatile String problem;
    private volatile long pending;
    private long delayMillis;
    private long checkedAt = System.nanoTime();

    private record Source(OpenBucket open, ConsumerContext consumer) {}

    private DurableLoop(NatsKvEndpoint endpoint, Gate gate, Problems problems) {
        this.endpoint = endpoint;
        this.options = endpoint.getConfiguration();
        this.gate = gate;
        this.problems = problems;
        this.progress = new DurableProgress(options);
        this.window = new DurableWindow(options, gate);
    }

    /**
     * Finds the durable consumer, or creates it.
     *
     * @throws Exception if that fails
     */
    static DurableLoop begin(NatsKvEndpoint endpoint, Gate gate, Problems problems) throws Exception {
        DurableLoop loop = new DurableLoop(endpoint, gate, problems);
        loop.source = loop.open();
        return loop;
    }

    private Source open() throws Exception {
        OpenBucket open = endpoint.openBucket();
        try {
            ZonedDateTime created = open.bucket().status().stream().getCreateTime();
            ConsumerInfo consumer = DurableConsumers.ensure(open, options, progress.start(created, window.lowest()));
            progress.opened(created, consumer);
            window.opened(DurableTerms.of(consumer.getConsumerConfiguration()));
            var connection = open.lease().connection();
            JetStreamOptions prefix = JetStreamOptions.builder()
                    .prefix(connection.api().prefix())
                    .requestTimeout(connection.api().timeout())
                    .build();
            String stream = open.bucket().subjects().stream();
            return new Source(open, connection.nats().getConsumerContext(stream, options.getDurableName(), prefix));
        } catch (Exception e) {
            open.close();
            throw e;
        }
    }

    @Override
    public void run(Intake intake) {
        ExecutorServiceManager executors = endpoint.getCamelContext().getExecutorServiceManager();
        ScheduledExecutorService clock =
                executors.newSingleThreadScheduledExecutor(this, "NatsKvHold[" + endpoint.getBucket() + "]");
        extendFrom(clock);
        try {
            while (isOpen(intake)) {
                try {
                    step(intake);
                } catch (Throwable e) { // errors too: the route would stay started, and never deliver again
                    failed(e);
                }
            }
        } finally {
            intake.close();
            executors.shutdownNow(clock);
            source.open.close();
        }
    }

    /** Waits while suspended; false if stopped. */
    private boolean isOpen(Intake intake) {
        if (!gate.isOpen()) {
            intake.giveBack();
        }
        return gate.await();
    }

    /** Again and again, as often as the consumer that is there asks for. */
    private void extendFrom(ScheduledExecutorService clock) {
        extend();
        if (!clock.isShutdown()) {
            clock.schedule(() -> extendFrom(clock), window.beatMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void extend() {
        try {
            // Without a connection it would be heard too late.
            if (source.open.lease().connection().isConnected()) {
                window.extend();
            }
        } catch (RuntimeException e) { // the clock must not stop
            LOG.debug("Bucket \"{}\": what is held could not be told", endpoint.getBucket(), e);
        }
    }

    private void step(Intake intake) throws Exception {
        if (recovering) {
            recover();
            return;
        }
        long longest = Math.max(LEAST_FETCH_MILLIS, options.getPullFetchTimeout());
        long patience = intake.patience(Duration.ofMillis(longest)).toMillis();
        if (patience >= LEAST_FETCH_MILLIS) {
            if (!waitForOne(patience, intake)) {
                intake.pause();
                return;
            }
        } else if (patience > 0) {
            // A batch is to be filled for less time than a request may wait.
            gate.pause(Math.min(patience, FILL_PAUSE_MILLIS));
        }
        takeWhatIsThere(intake);
        intake.pause();
    }

    /** False if none came. */
    private boolean waitForOne(long millis, Intake intake) throws Exception {
        Message first = null;
        boolean reserved = false;
        long began = System.nanoTime();
        try {
            if (!beginWait()) {
                return false;
            }
            try {
                reserved = window.reserve();
                if (!reserved) {
                    return false;
                }
                first = source.consumer.next(millis);
            } finally {
                endWait();
            }
        } catch (InterruptedException e) {
            return false; // only a stop ends the flow
        } finally {
            if (reserved && first == null) {
                window.unreserve(1);
            }
        }
        if (first == null) {
            check(System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(millis) / 2);
            return false;
        }
        take(first, intake);
        return true;
    }

    /** Up to a batch, without waiting for more. */
    private void takeWhatIsThere(Intake intake) throws Exception {
        int reserved = window.reserveUpTo(DurableWindow.fetchSize(options) - 1);
        if (reserved == 0) {
            return;
        }
        try {
            FetchConsumer fetched = source.consumer.fetch(
                    FetchConsumeOptions.builder().maxMessages(reserved).noWait().build());
            try {
                for (Message message = fetched.nextMessage(); message != null; message = fetched.nextMessage()) {
                    reserved--;
                    take(message, intake);
                }
            } catch (InterruptedException e) {
                LOG.debug("Bucket \"{}\": the consumer was interrupted", endpoint.getBucket());
            } finally {
                fetched.close();
            }
        } finally {
            window.unreserve(reserved);
        }
    }

    private void take(Message message, Intake intake) {
        DurableDelivery delivery = window.hold(message);
        if (gate.isStopped()) {
            delivery.dropped();
            return;
        }
        try {
            KvEntry entry = entry(message);
            pending = entry.delta();
            progress.delivered(entry.revision());
            if (options.isIgnoreDeletes() && entry.operation().isMarker()) {
                delivery.skip();
            } else {
                intake.change(entry, false, delivery);
            }
        } catch (Throwable e) {
            delivery.dropped();
            throw e;
        }
    }

    /** False if stopped or suspended; else {@link #stop} or {@link #suspended} interrupts the current thread until {@link #endWait}. */
    private boolean beginWait() {
        waiting.lock();
        try {
            waiter = gate.isOpen() ? Thread.currentThread() : null;
            return waiter != null;
        } finally {
            waiting.unlock();
        }
    }

    private void endWait() {
        waiting.lock();
        try {
            waiter = null;
            Thread.interrupted(); // it was meant for the wait alone
        } finally {
            waiting.unlock();
        }
    }

    private KvEntry entry(Message message) {
        BucketSubjects subjects = source.open.bucket().subjects();
        NatsJetStreamMetaData meta = message.metaData();
        return new KvEntry(
                subjects.bucket(),
                subjects.keyOf(message.getSubject()),
                message.getData(),
                meta.streamSequence(),
                meta.timestamp().toInstant(),
                meta.pendingCount(),
                KvOperation.of(message.getHeaders()),
                message.getHeaders());
    }

    /**
     * Nothing came: is the consumer still there? A pull request alone would not tell.
     *
     * @param early whether the request ended before its time, as one does that nobody has heard
     */
    private void check(boolean early) {
        if (early) {
            gate.pause(EARLY_PAUSE_MILLIS); // or requests would follow each other as fast as they can
        }
        long now = System.nanoTime();
        var connection = source.open.lease().connection();
        if (connection.isClosed()) {
            throw new KvException(ErrorClass.FATAL, "The connection to NATS at " + connection.servers() + " is closed");
        }
        if (!early && now - checkedAt < CHECK_NANOS || !connection.isConnected()) {
            return;
        }
        checkedAt = now;
        String stream = source.open.bucket().subjects().stream();
        if (DurableConsumers.find(connection.api(), stream, options.getDurableName()) == null) {
            throw new KvException(
                    ErrorClass.TRANSIENT,
                    "Durable consumer \"" + options.getDurableName() + "\" of stream " + stream + " is gone");
        }
    }

    private void failed(Throwable cause) {
        if (gate.isStopped()) {
            return;
        }
        problem = cause.getMessage();
        // It may be the link that is gone without a word.
        source.open.lease().connection().probe();
        if (recovering) {
            LOG.debug("Bucket \"{}\": can't be read yet", endpoint.getBucket(), cause);
            delayMillis = Math.min(2 * delayMillis, options.getMaxRetryDelay());
            return;
        }
        recovering = true;
        delayMillis = options.getRetryDelay();
        String message = "Durable consumer \"" + options.getDurableName() + "\" of bucket \"" + endpoint.getBucket()
                + "\" can't be read; opening it anew";
        try {
            problems.report(message, cause);
        } catch (Throwable e) {
            LOG.error("{}; and it could not be reported", message, e);
        }
    }

    private void recover() throws Exception {
        if (!gate.pause(delayMillis + ThreadLocalRandom.current().nextLong(delayMillis / 4 + 1))) {
            return;
        }
        Source fresh = open();
        source.open.close();
        source = fresh;
        recovering = false;
        LOG.info("Bucket \"{}\": durable consumer \"{}\" goes on", endpoint.getBucket(), options.getDurableName());
    }

    @Override
    public void stop() {
        endRequest();
    }

    /** What the request would still be given would count as delivered. */
    @Override
    public void suspended() {
        endRequest();
    }

    /** Does not touch an exchange that is under way. */
    private void endRequest() {
        waiting.lock();
        try {
            if (waiter != null) {
                waiter.interrupt();
                // Once: a stop behind a suspension would meet it while it gives back, and leave a request open that
                // takes changes.
                waiter = null;
            }
        } finally {
            waiting.unlock();
        }
    }

    @Override
    public Status status() {
        var connection = source.open.lease().connection();
        String told = connection.isConnected() ? problem : "not connected to " + connection.servers();
        return new Status(!recovering && connection.isConnected(), told, pending);
    }
}
