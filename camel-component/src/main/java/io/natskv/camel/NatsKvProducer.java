package io.natskv.camel;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.WritableHealthCheckRepository;
import org.apache.camel.support.DefaultAsyncProducer;

/**
 * Performs one {@link NatsKvOperation} per exchange, without holding the caller's thread. Writes leave the body and report the
 * revision in a header; reads replace the body, or set {@code resultHeader}.
 */
public class NatsKvProducer extends DefaultAsyncProducer {
    private final NatsKvEndpoint endpoint;
    private final NatsKvConfiguration configuration;
    private WritableHealthCheckRepository checks;
    private NatsKvProducerHealthCheck check;
    private final ReentrantLock replacing = new ReentrantLock();
    /** Written with the lock above. */
    private volatile Running running;

    /** The attempt to open the bucket anew that is under way; null for none. */
    private final AtomicReference<CompletableFuture<Running>> reopening = new AtomicReference<>();

    /** What there is between start and stop. */
    private record Running(OpenBucket open, Workers workers, BulkOperations bulk) {
        void close() {
            bulk.close();
            open.close();
        }
    }

    public NatsKvProducer(NatsKvEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        this.configuration = endpoint.getConfiguration();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        OpenBucket open = open();
        Workers workers = new Workers(
                endpoint.getCamelContext().getExecutorServiceManager(),
                this,
                "NatsKvProducer[" + bucketName() + "]",
                configuration.getWorkerPool());
        replace(new Running(open, workers, new BulkOperations(configuration, workers)));
        register();
    }

    private void register() {
        checks = HealthCheckHelper.getHealthCheckRepository(
                endpoint.getCamelContext(), "producers", WritableHealthCheckRepository.class);
        if (checks != null) {
            check = new NatsKvProducerHealthCheck(this, bucketName() + "-" + System.identityHashCode(this));
            check.setEnabled(endpoint.getComponent().isHealthCheckProducerEnabled());
            checks.addHealthCheck(check);
        }
    }

    private OpenBucket open() throws Exception {
        return configuration.getOperation().isForMissingBucket() ? endpoint.connect() : endpoint.openBucket();
    }

    @Override
    protected void doStop() throws Exception {
        if (checks != null) {
            checks.removeHealthCheck(check);
            checks = null;
        }
        Running stopped = replace(null);
        if (stopped != null) {
            stopped.workers.stop();
            stopped.close();
        }
        super.doStop();
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        CompletableFuture<?> outcome;
        Running now = running;
        try {
            checkStarted(now);
            outcome = now.open.isUsable()
                    ? start(exchange, now)
                    : reopening(now.workers).thenCompose(fresh -> start(exchange, fresh));
        } catch (RuntimeException e) {
            exchange.setException(KeyOperations.unwrap(e));
            callback.done(true);
            return true;
        }
        outcome.whenComplete((done, error) -> {
            if (error != null) {
                exchange.setException(KeyOperations.unwrap(error));
            }
            // Leaves the client's thread before the route goes on.
            now.workers.execute(() -> callback.done(false));
        });
        return false;
    }

    /** One attempt for all that wait, so that an outage takes one thread, and one time-out. */
    private CompletableFuture<Running> reopening(Workers workers) {
        CompletableFuture<Running> mine = new CompletableFuture<>();
        CompletableFuture<Running> first = reopening.compareAndExchange(null, mine);
        if (first != null) {
            return first;
        }
        workers.execute(() -> {
            Running fresh = null;
            Throwable failure = null;
            try {
                fresh = reopened();
            } catch (Throwable e) { // errors too: all would wait for ever
                failure = e;
            }
            // Who comes from now on tries again.
            reopening.set(null);
            if (failure == null) {
                mine.complete(fresh);
            } else {
                mine.completeExceptionally(failure);
            }
        });
        return mine;
    }

    /** Opens the bucket by another connection after the first one was given up. Waits for the server. */
    private Running reopened() {
        replacing.lock();
        try {
            Running now = running;
            checkStarted(now);
            if (now.open.isUsable()) {
                return now;
            }
            Running fresh = new Running(open(), now.workers, new BulkOperations(configuration, now.workers));
            running = fresh;
            now.close();
            return fresh;
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new CompletionException(e);
        } finally {
            replacing.unlock();
        }
    }

    private Running replace(Running next) {
        replacing.lock();
        try {
            Running before = running;
            running = next;
            return before;
        } finally {
            replacing.unlock();
        }
    }

    private void checkStarted(Running now) {
        if (now == null) {
            throw new RejectedExecutionException("The producer for bucket \"" + bucketName() + "\" is not started");
        }
    }

    private CompletableFuture<Void> start(Exchange exchange, Running now) {
        Request request = new Request(endpoint, exchange);
        NatsKvOperation operation = request.operation();
        KvBuckets buckets = now.open.buckets();
        return switch (operation) {
            case BUCKETS -> BucketOperations.list(request, buckets, now.workers);
            case CREATE_BUCKET -> BucketOperations.create(request, buckets);
            case DELETE_BUCKET -> BucketOperations.delete(request, buckets);
            default ->
                now.open.bucket() != null
                        ? start(operation, request, now.open.bucket(), now.bulk)
                        : buckets.openAsync(bucketName())
                                .thenCompose(bucket -> start(operation, request, bucket, now.bulk));
        };
    }

    private static CompletableFuture<Void> start(
            NatsKvOperation operation, Request request, KvBucket bucket, BulkOperations bulk) {
        return switch (operation) {
            case PUT -> KeyOperations.put(request, bucket);
            case CREATE -> KeyOperations.create(request, bucket);
            case UPDATE -> KeyOperations.update(request, bucket);
            case DELETE -> KeyOperations.delete(request, bucket);
            case PURGE -> KeyOperations.purge(request, bucket);
            case GET -> KeyOperations.get(request, bucket);
            case KEYS -> bulk.keys(request, bucket);
            case HISTORY -> bulk.history(request, bucket);
            case PUT_ALL -> bulk.putAll(request, bucket);
            case GET_ALL -> bulk.getAll(request, bucket);
            case PURGE_DELETES -> bulk.purgeDeletes(request, bucket);
            case STATUS -> BucketOperations.status(request, bucket);
            case BUCKETS, CREATE_BUCKET, DELETE_BUCKET ->
                throw new IllegalStateException(operation + " needs no open bucket");
        };
    }

    @Override
    public NatsKvEndpoint getEndpoint() {
        return endpoint;
    }

    /** False while there is no connection, or it is down. */
    boolean isConnected() {
        Running now = running;
        return now != null && now.open.lease().connection().isConnected();
    }

    private String bucketName() {
        return endpoint.getBucket();
    }
}
