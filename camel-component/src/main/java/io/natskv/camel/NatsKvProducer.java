package io.natskv.camel;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.KeyNotFoundException;
import io.natskv.core.error.WrongRevisionException;
import io.natskv.core.key.KeyFilter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.Message;
import org.apache.camel.support.DefaultAsyncProducer;

/**
 * Performs one {@link NatsKvOperation} per exchange, without holding the caller's thread. Writes leave the body and report the
 * revision in a header; reads replace the body, or set {@code resultHeader}.
 */
public class NatsKvProducer extends DefaultAsyncProducer {
    private final NatsKvEndpoint endpoint;
    private final NatsKvConfiguration configuration;
    private final ReentrantLock replacing = new ReentrantLock();
    /** Written with the lock above. */
    private volatile Running running;

    /** What there is between start and stop. */
    private record Running(OpenBucket open, Workers workers) {}

    public NatsKvProducer(NatsKvEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        this.configuration = endpoint.getConfiguration();
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        OpenBucket open = endpoint.openBucket();
        replace(new Running(
                open,
                new Workers(
                        endpoint.getCamelContext().getExecutorServiceManager(),
                        this,
                        "NatsKvProducer[" + bucketName() + "]",
                        configuration.getWorkerPool())));
    }

    @Override
    protected void doStop() throws Exception {
        Running stopped = replace(null);
        if (stopped != null) {
            stopped.workers.stop();
            stopped.open.close();
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
                    : CompletableFuture.supplyAsync(this::reopened, now.workers)
                            .thenCompose(fresh -> start(exchange, fresh));
        } catch (RuntimeException e) {
            exchange.setException(unwrap(e));
            callback.done(true);
            return true;
        }
        outcome.whenComplete((done, error) -> {
            if (error != null) {
                exchange.setException(typed(error, exchange));
            }
            // Leaves the client's thread before the route goes on.
            now.workers.execute(() -> callback.done(false));
        });
        return false;
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
            Running fresh = new Running(endpoint.openBucket(), now.workers);
            running = fresh;
            now.open.close();
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

    private CompletableFuture<?> start(Exchange exchange, Running now) {
        KvBucket bucket = now.open.bucket();
        Message message = exchange.getMessage();
        return switch (operation(message)) {
            case PUT -> written(message, bucket.putAsync(key(message), body(exchange)));
            case CREATE -> written(message, bucket.createAsync(key(message), body(exchange)));
            case UPDATE -> written(message, bucket.updateAsync(key(message), body(exchange), updateRevision(message)));
            case DELETE -> written(message, bucket.deleteAsync(key(message), revision(message)));
            case PURGE -> written(message, bucket.purgeAsync(key(message), revision(message)));
            case GET -> get(exchange, bucket);
            case KEYS -> keys(message, now);
            case HISTORY -> history(message, now);
        };
    }

    private CompletableFuture<Void> written(Message message, CompletableFuture<Long> revision) {
        String key = key(message);
        return revision.thenAccept(value -> report(message, key, value));
    }

    private void report(Message message, String key, long revision) {
        message.setHeader(NatsKvConstants.REVISION, revision);
        message.setHeader(NatsKvConstants.REVISION_OF, EntryMapper.revisionOf(bucketName(), key));
    }

    private CompletableFuture<Void> get(Exchange exchange, KvBucket bucket) {
        Message message = exchange.getMessage();
        String key = key(message);
        OptionalLong revision = revision(message);
        CompletableFuture<KvEntry> read =
                revision.isPresent() ? bucket.getAsync(key, revision.getAsLong()) : bucket.getAsync(key);
        return read.handle((entry, error) -> {
            Throwable cause = unwrap(error);
            if (cause == null && !entry.operation().isMarker()) {
                message.setHeader(NatsKvConstants.FOUND, true);
                report(message, key, entry.revision());
                message.setHeader(NatsKvConstants.CREATED, entry.created());
                setResult(message, entry.value());
            } else if (cause != null && !(cause instanceof KeyNotFoundException)) {
                throw new CompletionException(cause);
            } else if (configuration.isFailIfAbsent()) {
                throw new CompletionException(new NatsKvKeyNotFoundException(bucketName(), key, exchange, cause));
            } else {
                message.setHeader(NatsKvConstants.FOUND, false);
                // They would speak of an earlier entry.
                message.removeHeader(NatsKvConstants.REVISION);
                message.removeHeader(NatsKvConstants.REVISION_OF);
                message.removeHeader(NatsKvConstants.CREATED);
                setResult(message, null);
            }
            return null;
        });
    }

    private CompletableFuture<Void> keys(Message message, Running now) {
        List<KeyFilter> filters =
                KeyFilters.parse(message.getHeader(NatsKvConstants.KEY, configuration.getKey(), String.class));
        Duration timeout = listTimeout();
        return CompletableFuture.runAsync(
                () -> {
                    setResult(message, now.open.bucket().keys(filters, timeout));
                },
                now.workers);
    }

    private CompletableFuture<Void> history(Message message, Running now) {
        String key = key(message);
        Duration timeout = listTimeout();
        return CompletableFuture.runAsync(
                () -> setResult(message, now.open.bucket().history(key, timeout)), now.workers);
    }

    private Duration listTimeout() {
        return Duration.ofMillis(configuration.getListTimeout());
    }

    private void setResult(Message message, Object result) {
        if (configuration.getResultHeader() == null) {
            message.setBody(result);
        } else {
            message.setHeader(configuration.getResultHeader(), result);
        }
    }

    private NatsKvOperation operation(Message message) {
        Object header = message.getHeader(NatsKvConstants.OPERATION);
        if (header == null) {
            return configuration.getOperation();
        }
        try {
            return endpoint.getCamelContext().getTypeConverter().mandatoryConvertTo(NatsKvOperation.class, header);
        } catch (Exception e) {
            throw new IllegalArgumentException(
                    "Unknown operation in header " + NatsKvConstants.OPERATION + ": \"" + header + "\"; use one of "
                            + List.of(NatsKvOperation.values()),
                    e);
        }
    }

    private String key(Message message) {
        String key = message.getHeader(NatsKvConstants.KEY, configuration.getKey(), String.class);
        if (key == null) {
            throw new IllegalArgumentException("Bucket \"" + bucketName() + "\": no key; set the header "
                    + NatsKvConstants.KEY + " or the option key");
        }
        return key;
    }

    private OptionalLong revision(Message message) {
        Long revision = message.getHeader(NatsKvConstants.AT_REVISION, configuration.getRevision(), Long.class);
        return revision == null ? OptionalLong.empty() : OptionalLong.of(revision);
    }

    private long updateRevision(Message message) {
        OptionalLong given = revision(message);
        if (given.isPresent()) {
            return given.getAsLong();
        }
        String key = key(message);
        // The revision of another key, or of another bucket, would be a condition that means nothing.
        boolean ours = EntryMapper.revisionOf(bucketName(), key)
                .equals(message.getHeader(NatsKvConstants.REVISION_OF, String.class));
        Long read = ours ? message.getHeader(NatsKvConstants.REVISION, Long.class) : null;
        if (read == null) {
            throw new IllegalArgumentException("UPDATE of key \"" + key + "\" in bucket \"" + bucketName()
                    + "\": no expected revision; set the header " + NatsKvConstants.AT_REVISION
                    + " or the option revision, or GET the key before");
        }
        return read;
    }

    private byte[] body(Exchange exchange) {
        Message message = exchange.getMessage();
        Object body = message.getBody();
        if (body == null) {
            if (configuration.isAllowNullBody()) {
                return new byte[0];
            }
            throw new CompletionException(new InvalidPayloadException(exchange, byte[].class, message));
        }
        if (body instanceof String text) {
            // UTF-8 whatever the charset of the exchange: a bucket has readers that know nothing of it.
            return text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] bytes = message.getBody(byte[].class);
        if (bytes != null) {
            return bytes;
        }
        String text = message.getBody(String.class);
        if (text == null) {
            // Not InvalidPayloadException: its message quotes the body.
            throw new IllegalArgumentException("Key \"" + key(message) + "\" in bucket \"" + bucketName()
                    + "\": a body of type " + body.getClass().getName() + " can't be converted to bytes");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Throwable typed(Throwable error, Exchange exchange) {
        Throwable cause = unwrap(error);
        if (cause instanceof KeyExistsException) {
            return new NatsKvKeyExistsException(bucketName(), key(exchange.getMessage()), exchange, cause);
        }
        if (cause instanceof WrongRevisionException wrong) {
            return new NatsKvRevisionMismatchException(bucketName(), key(exchange.getMessage()), exchange, wrong);
        }
        return cause;
    }

    private static Throwable unwrap(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }

    private String bucketName() {
        return endpoint.getBucket();
    }
}
