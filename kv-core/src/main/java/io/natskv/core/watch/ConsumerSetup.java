package io.natskv.core.watch;

import io.nats.client.NUID;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.StreamInfo;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The way to a consumer that delivers: check the bucket, make the consumer, check that the bucket was not replaced meanwhile. Each step waits
 * no longer than it is told, so that the reader is never held.
 */
final class ConsumerSetup {
    private static final Duration FIRST_INFO_TIMEOUT = Duration.ofSeconds(1);

    private final KvConnection connection;
    private final JetStreamApi api;
    private final BucketSubjects subjects;
    private final WatchOptions options;
    private final BucketCheck bucketCheck;
    private final Supplier<WatchPosition> position;
    private final Function<StreamInfo, ConsumerPlan> planner;

    private CompletableFuture<BucketCheck.Verdict> check;
    private CompletableFuture<ConsumerInfo> creation;
    private CompletableFuture<BucketCheck.Verdict> confirmation;
    private StreamInfo bucket;
    private ConsumerInfo created;
    private String name;
    private long reconnects;

    /**
     * @param position where the watch is; null while it has none
     * @param planner from where to deliver, once the bucket is known to be the right one
     */
    ConsumerSetup(
            KvConnection connection,
            BucketSubjects subjects,
            WatchOptions options,
            Supplier<WatchPosition> position,
            Function<StreamInfo, ConsumerPlan> planner) {
        this.connection = connection;
        this.api = connection.api();
        this.subjects = subjects;
        this.options = options;
        this.position = position;
        this.planner = planner;
        this.bucketCheck = new BucketCheck(api, subjects);
    }

    /** How a step ended. */
    sealed interface Outcome {
        /** Nothing yet: ask again. */
        record Pending() implements Outcome {}

        /**
         * It delivers.
         *
         * @param reconnects the connection's count when it began: if it has moved since, messages may be lost
         */
        record Delivering(PullStream stream, long reconnects) implements Outcome {}

        record Missing() implements Outcome {}

        record Lost(BucketCheck.Verdict.Lost verdict) implements Outcome {}

        record Failed(KvException error) implements Outcome {}
    }

    /**
     * @param waitNanos how long to wait for an answer
     * @param attempt counts the failures since the last success: the time-outs grow with it
     * @throws FeatureUnsupportedException if the server can't do what the options ask for
     */
    Outcome step(long waitNanos, int attempt) throws InterruptedException {
        try {
            if (creation == null && created == null) {
                return checkBucket(waitNanos, attempt);
            }
            return created == null ? create(waitNanos, attempt) : confirm(waitNanos);
        } catch (TimeoutException e) {
            return new Outcome.Pending();
        } catch (ExecutionException e) {
            KvException error = KvErrors.translate(e, "watch bucket \"" + subjects.bucket() + "\"");
            begin();
            if (!(error instanceof UnavailableException)) {
                name = null; // the refusal may be about the name
            }
            return new Outcome.Failed(error);
        }
    }

    /** Starts from the first step. The name stays: an attempt before may have made the consumer unseen, and each new name would leave one behind. */
    void begin() {
        check = null;
        creation = null;
        confirmation = null;
        created = null;
    }

    /** The consumer of that name is not wanted any more. */
    void dropConsumer() {
        if (name != null) {
            api.deleteConsumer(subjects.stream(), name);
        }
        name = null;
        begin();
    }

    private Outcome checkBucket(long waitNanos, int attempt)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (check == null) {
            reconnects = connection.reconnects();
            check = bucketCheck.run(position.get(), infoTimeout(attempt));
        }
        BucketCheck.Verdict verdict = get(check, waitNanos);
        check = null;
        if (verdict instanceof BucketCheck.Verdict.Same same) {
            bucket = same.info();
            creation = api.createConsumer(subjects.stream(), configuration(planner.apply(bucket)));
            return new Outcome.Pending();
        }
        return verdict instanceof BucketCheck.Verdict.Lost lost ? new Outcome.Lost(lost) : new Outcome.Missing();
    }

    private ConsumerConfiguration configuration(ConsumerPlan plan) {
        if (options.filters().size() > 1 && !connection.nats().getServerInfo().isSameOrNewerThanVersion("2.10.0")) {
            throw new FeatureUnsupportedException(
                    "A watch with several key filters",
                    "2.10",
                    connection.nats().getServerInfo().getVersion());
        }
        if (name == null) {
            name = options.consumerPrefix() + "-" + NUID.nextGlobal();
        }
        return plan.configure(name, subjects, options);
    }

    private Outcome create(long waitNanos, int attempt)
            throws InterruptedException, ExecutionException, TimeoutException {
        created = get(creation, waitNanos);
        creation = null;
        confirmation = bucketCheck.run(null, infoTimeout(attempt));
        return new Outcome.Pending();
    }

    private Outcome confirm(long waitNanos) throws InterruptedException, ExecutionException, TimeoutException {
        BucketCheck.Verdict verdict = get(confirmation, waitNanos);
        boolean same = verdict instanceof BucketCheck.Verdict.Same now
                && now.info().getCreateTime().equals(bucket.getCreateTime());
        if (!same) {
            dropConsumer();
            return new Outcome.Pending();
        }
        PullStream stream =
                new PullStream(connection.nats(), api.pullSubject(subjects.stream(), name), created, options);
        begin();
        return new Outcome.Delivering(stream, reconnects);
    }

    private static <T> T get(CompletableFuture<T> future, long waitNanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(Math.max(0, waitNanos), TimeUnit.NANOSECONDS);
    }

    private Duration infoTimeout(int attempt) {
        Duration wait = FIRST_INFO_TIMEOUT.multipliedBy(1L << Math.min(attempt, 5));
        return wait.compareTo(api.timeout()) < 0 ? wait : api.timeout();
    }
}
