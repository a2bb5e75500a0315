package io.natskv.core.watch;

import io.nats.client.NUID;
import io.nats.client.api.ClusterInfo;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.Replica;
import io.nats.client.api.StreamInfo;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
    private static final Duration FIRST_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CREATION_TIMEOUT = Duration.ofSeconds(2);
    /** Where a replica is missing: the consumer may have been given to it. */
    private static final Duration DOUBTFUL_CREATION_TIMEOUT = Duration.ofMillis(500);
    /** Leaders and followers of a cluster hear of each other once a second. */
    private static final Duration SILENT_REPLICA = Duration.ofMillis(2500);
    /** How often a cluster that does not answer is asked. */
    private static final Duration ASK_AGAIN = Duration.ofMillis(250);

    private static final Duration CREATE_AGAIN = Duration.ofMillis(300);
    private static final long WENT_BACK_FOR = TimeUnit.SECONDS.toNanos(1);
    /** No single wait is longer: the link may go, and the watch may be closed. */
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(50);

    private final KvConnection connection;
    private final JetStreamApi api;
    private final BucketSubjects subjects;
    private final WatchOptions options;
    private final BucketCheck bucketCheck;
    private final Supplier<WatchPosition> position;
    private final Function<StreamInfo, ConsumerPlan> planner;

    private Question<BucketCheck.Verdict> check;
    private Question<ConsumerInfo> creation;
    private Question<Confirmed> confirmation;
    private StreamInfo bucket;
    private ConsumerInfo created;
    private String name;
    /** How often its creation was attempted: after the first time it may be there, whatever the answer was. */
    private int attemptsAtName;

    private long reconnects;
    private long wentBackAt;
    private Duration lastCreation = Duration.ZERO;

    /** The state of the bucket after the consumer was made, and the message at its end. */
    private record Confirmed(BucketCheck.Verdict verdict, Optional<WatchPosition.Anchor> last) {}

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
         * @param lastRevision the bucket's last revision, read after the consumer was made
         * @param anchor of the message at that revision, if it was asked for and is there
         */
        record Delivering(PullStream stream, long reconnects, long lastRevision, Optional<WatchPosition.Anchor> anchor)
                implements Outcome {}

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
        if (connection.reconnects() != reconnects) {
            begin(); // what was asked over the old link may never be answered
        }
        try {
            if (creation == null && created == null) {
                return checkBucket(waitNanos, attempt);
            }
            return created == null ? create(waitNanos, attempt) : confirm(waitNanos);
        } catch (TimeoutException e) {
            return new Outcome.Pending();
        } catch (ExecutionException e) {
            KvException error = KvErrors.translate(e, "watch bucket \"" + subjects.bucket() + "\"");
            if (creation != null) {
                error = creationFailed(error);
            }
            begin();
            return new Outcome.Failed(error);
        }
    }

    /** An attempt before, of which no answer came, may have made the consumer, with a configuration that can't be changed any more. */
    private KvException creationFailed(KvException error) {
        if (error instanceof UnavailableException) {
            return error;
        }
        boolean taken = attemptsAtName > 1 && KvErrors.isConsumerTaken(error);
        if (attemptsAtName > 1) {
            dropConsumer();
        }
        forgetName();
        return taken
                ? new UnavailableException("A consumer under the name of an earlier attempt is there already", error)
                : error;
    }

    private void forgetName() {
        name = null;
        attemptsAtName = 0;
    }

    /** Starts from the first step. The name stays: an attempt before may have made the consumer unseen, and each new name would leave one behind. */
    void begin() {
        check = null;
        creation = null;
        confirmation = null;
        created = null;
    }

    /** The consumer of that name is not wanted any more, also if it is still being made. */
    void dropConsumer() {
        String unwanted = name;
        if (unwanted != null) {
            api.deleteConsumer(subjects.stream(), unwanted);
            if (creation != null) {
                creation.answer().thenRun(() -> api.deleteConsumer(subjects.stream(), unwanted));
            }
        }
        forgetName();
        begin();
    }

    private Outcome checkBucket(long waitNanos, int attempt)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (check == null) {
            reconnects = connection.reconnects();
            WatchPosition at = position.get();
            check = new Question<>(
                    () -> bucketCheck.run(at, answerTimeout(attempt)), clustered() ? ASK_AGAIN : Duration.ZERO);
        }
        BucketCheck.Verdict verdict = get(check, waitNanos);
        check = null;
        if (verdict instanceof BucketCheck.Verdict.Same same) {
            bucket = same.info();
            wentBackAt = 0;
            if (attemptsAtName > 0 && replicaMissing()) {
                // It may have been given to a server that is down. Under that name it would stay there.
                dropConsumer();
            }
            ConsumerConfiguration consumer = configuration(planner.apply(bucket));
            Duration wait = creationTimeout(attempt);
            attemptsAtName++;
            creation = new Question<>(
                    () -> api.createConsumer(subjects.stream(), consumer, wait),
                    clustered() ? CREATE_AGAIN : Duration.ZERO);
            return new Outcome.Pending();
        }
        return verdict instanceof BucketCheck.Verdict.Lost lost ? lost(lost) : new Outcome.Missing();
    }

    /** A new leader may answer before it has applied everything that is committed: an end that lies back counts when it stays there. */
    private Outcome lost(BucketCheck.Verdict.Lost lost) {
        if (!lost.settled()) {
            long now = System.nanoTime();
            wentBackAt = wentBackAt == 0 ? now : wentBackAt;
            if (now - wentBackAt < WENT_BACK_FOR) {
                return new Outcome.Failed(new UnavailableException(lost.message(), null));
            }
        }
        wentBackAt = 0;
        return new Outcome.Lost(lost);
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
        lastCreation = creation.age();
        creation = null;
        WatchPosition at = position.get();
        boolean wantsAnchor = at != null && at.revision() > 0 && at.anchors().isEmpty();
        confirmation = new Question<>(
                () -> bucketCheck
                        .run(null, answerTimeout(attempt))
                        .thenCompose(verdict -> wantsAnchor ? withAnchor(verdict) : done(verdict)),
                clustered() ? ASK_AGAIN : Duration.ZERO);
        return new Outcome.Pending();
    }

    private static CompletableFuture<Confirmed> done(BucketCheck.Verdict verdict) {
        return CompletableFuture.completedFuture(new Confirmed(verdict, Optional.empty()));
    }

    /** A watch that has delivered nothing yet needs something to recognise its bucket by. */
    private CompletableFuture<Confirmed> withAnchor(BucketCheck.Verdict verdict) {
        return verdict instanceof BucketCheck.Verdict.Same same
                ? api.messageAt(subjects.stream(), same.info().getStreamState().getLastSequence())
                        .thenApply(message -> new Confirmed(verdict, anchorOf(message)))
                : done(verdict);
    }

    private Optional<WatchPosition.Anchor> anchorOf(MessageInfo message) {
        return message == null || !message.getSubject().startsWith(subjects.readPrefix())
                ? Optional.empty()
                : Optional.of(new WatchPosition.Anchor(
                        message.getSeq(),
                        subjects.keyOf(message.getSubject()),
                        message.getTime().toInstant()));
    }

    private Outcome confirm(long waitNanos) throws InterruptedException, ExecutionException, TimeoutException {
        Confirmed confirmed = get(confirmation, waitNanos);
        if (!(confirmed.verdict() instanceof BucketCheck.Verdict.Same now)
                || !now.info().getCreateTime().equals(bucket.getCreateTime())) {
            dropConsumer();
            return new Outcome.Pending();
        }
        PullStream stream;
        try {
            stream = new PullStream(connection.nats(), api.pullSubject(subjects.stream(), name), created, options);
        } catch (IllegalStateException e) { // the connection is being closed
            begin();
            return new Outcome.Failed(KvErrors.translate(e, "watch bucket \"" + subjects.bucket() + "\""));
        }
        begin();
        return new Outcome.Delivering(
                stream, reconnects, now.info().getStreamState().getLastSequence(), confirmed.last());
    }

    private static <T> T get(Question<T> question, long waitNanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        return question.get(Math.min(waitNanos, SLICE));
    }

    private boolean clustered() {
        return connection.nats().getServerInfo().getCluster() != null;
    }

    private boolean replicaMissing() {
        ClusterInfo cluster = bucket.getClusterInfo();
        List<Replica> replicas = cluster == null ? null : cluster.getReplicas();
        return replicas != null
                && replicas.stream()
                        .anyMatch(replica -> replica.isOffline()
                                || !replica.isCurrent()
                                || replica.getActive().compareTo(SILENT_REPLICA) > 0);
    }

    private Duration answerTimeout(int attempt) {
        return atMostApi(FIRST_TIMEOUT.multipliedBy(1L << Math.min(attempt, 5)));
    }

    /**
     * A consumer with a broad filter takes its time, and each new name would be one more (60 to 320 ms each with a million keys): so
     * patiently, under one name, unless it may have been given to a server that is down.
     */
    private Duration creationTimeout(int attempt) {
        Duration wait = replicaMissing()
                ? DOUBTFUL_CREATION_TIMEOUT.multipliedBy(1L << Math.min(attempt, 4))
                : CREATION_TIMEOUT.multipliedBy(1L << Math.min(attempt, 2));
        Duration usual = lastCreation.multipliedBy(4);
        return atMostApi(wait.compareTo(usual) > 0 ? wait : usual);
    }

    private Duration atMostApi(Duration wait) {
        return wait.compareTo(api.timeout()) < 0 ? wait : api.timeout();
    }
}
