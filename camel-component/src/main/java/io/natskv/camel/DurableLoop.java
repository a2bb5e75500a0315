package io.natskv.camel;

import io.nats.client.ConsumerContext;
import io.nats.client.FetchConsumeOptions;
import io.nats.client.FetchConsumer;
import io.nats.client.JetStreamOptions;
import io.nats.client.Message;
import io.nats.client.impl.NatsJetStreamMetaData;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
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
    private static final long LEAST_FETCH_MILLIS = 1_000;

    private final NatsKvEndpoint endpoint;
    private final NatsKvConfiguration options;
    private final Gate gate;
    private final Problems problems;
    private final Duration ackWait;
    private final Duration nackWait;
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
        this.ackWait = Duration.ofMillis(options.getAckWait());
        this.nackWait = Duration.ofMillis(options.getNackWait());
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
            DurableConsumers.ensure(open, options);
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
        try {
            while (!gate.isStopped()) {
                try {
                    step(intake);
                } catch (Throwable e) { // errors too: the route would stay started, and never deliver again
                    failed(e);
                }
            }
        } finally {
            intake.close();
            source.open.close();
        }
    }

    private void step(Intake intake) throws Exception {
        if (recovering) {
            recover();
            return;
        }
        Message first;
        try {
            first = source.consumer.next(Math.max(LEAST_FETCH_MILLIS, options.getPullFetchTimeout()));
        } catch (InterruptedException e) {
            return; // only a stop ends the flow
        }
        if (first == null) {
            check();
        } else {
            take(first, intake);
            takeWhatIsThere(intake);
        }
        intake.pause();
    }

    /** Up to a batch, without waiting for more. */
    private void takeWhatIsThere(Intake intake) throws Exception {
        int batch = options.isBatching() ? options.getBatchSize() : options.getPullBatchSize();
        if (batch < 2) {
            return;
        }
        FetchConsumer fetched = source.consumer.fetch(
                FetchConsumeOptions.builder().maxMessages(batch - 1).noWait().build());
        try {
            for (Message message = fetched.nextMessage(); message != null; message = fetched.nextMessage()) {
                take(message, intake);
            }
        } catch (InterruptedException e) {
            LOG.debug("Bucket \"{}\": the consumer was interrupted", endpoint.getBucket());
        } finally {
            fetched.close();
        }
    }

    private void take(Message message, Intake intake) {
        DurableDelivery delivery = new DurableDelivery(message, ackWait, nackWait, options.isManualAck());
        if (gate.isStopped()) {
            delivery.dropped();
            return;
        }
        KvEntry entry = entry(message);
        pending = entry.delta();
        if (options.isIgnoreDeletes() && entry.operation().isMarker()) {
            message.ack();
        } else {
            intake.change(entry, false, delivery);
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

    /** Nothing came: is the consumer still there? A pull request alone would not tell. */
    private void check() {
        long now = System.nanoTime();
        var connection = source.open.lease().connection();
        if (connection.isClosed()) {
            throw new KvException(ErrorClass.FATAL, "The connection to NATS at " + connection.servers() + " is closed");
        }
        if (now - checkedAt < CHECK_NANOS || !connection.isConnected()) {
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

    /** A request that waits at the server ends by itself. */
    @Override
    public void stop() {}

    @Override
    public Status status() {
        var connection = source.open.lease().connection();
        String told = connection.isConnected() ? problem : "not connected to " + connection.servers();
        return new Status(!recovering && connection.isConnected(), told, pending);
    }
}
