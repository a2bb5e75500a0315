package io.natskv.connect.source.reconcile;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.KvException;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.WatchPosition;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Makes the topic of one watch a true copy of its keys, beside the watch, which goes on. For the task's thread; the reading of bucket and topic
 * happens on a thread of its own, and nothing here waits for it.
 *
 * <ol>
 *   <li>Keys that the task emits are collected from now on. S is the last revision, by the leader, that the filter selects.
 *   <li>Waits until the watch is past S, and what was emitted up to then is committed in Kafka: so the topic holds all of it.
 *   <li>Topic and bucket are compared ({@link Comparison}). If the bucket is not that of the watch's position any more, the run ends; the next one
 *       begins when the watch has a position in the new one.
 *   <li>The task fetches what was found by {@link #poll}, which leaves out the keys that it has emitted since S: for them what was
 *       found may be older than what it emitted. What it emits later comes behind, and is right.
 * </ol>
 *
 * <p>Until all that is done, {@link #isPending}: to be stored in the source offset, so that it is begun anew after a crash.
 */
public final class Reconciliation implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);
    /** The findings hold values. */
    private static final int FINDINGS = 32;

    private static final long ASK_AGAIN = TimeUnit.MILLISECONDS.toNanos(500);
    /** A worker that polls less often than that has paused the task, or waits for the brokers. */
    private static final long GAP = TimeUnit.SECONDS.toNanos(60);

    private static final Duration FIRST_RETRY = Duration.ofSeconds(5);
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(5);

    private final KvBucket bucket;
    private final KeyFilter filter;
    private final String topic;
    private final KeyMapping keys;
    private final ReconcileSettings settings;
    private final String name;
    private final String clientId;
    private final ReconcileTurn turn;
    /** Since S: what was read of the bucket before is no news for them. */
    private final KeySet emitted = new KeySet();

    private String requested;
    private boolean unlessUnchanged;
    private boolean skipIfUnchanged;
    private String reason;
    private Phase phase = Phase.IDLE;
    private CompletableFuture<Long> answer;
    private CompletableFuture<BucketState> stateAtBegin;
    private BucketState reconciled;
    private long end;
    private long askedAt;
    private WatchPosition pinned;
    private long toBeCommitted;
    private Run run;
    private long startedAt;
    private long notBefore;
    private long finishedAt = System.nanoTime();
    private boolean stepped;
    private long steppedAt;
    private int failures;
    private int vanished;
    private int missing;

    private enum Phase {
        IDLE,
        /** Until the watch is past S. */
        CATCHING_UP,
        /** Until all records up to S are committed. */
        COMMITTING,
        COMPARING
    }

    /**
     * How far the task is.
     *
     * @param position of the watch
     * @param emitted how many records the task has handed over
     * @param committed how many of them the worker is done with
     * @param now by {@link System#nanoTime}
     */
    public record Progress(WatchPosition position, long emitted, long committed, long now) {}

    /**
     * @param name what is reconciled, for messages
     * @param clientId of the consumer, no other one's in this task; also the name of its thread
     * @param turn shared by all of the task
     */
    public Reconciliation(
            KvBucket bucket,
            KeyFilter filter,
            String topic,
            KeyMapping keys,
            ReconcileSettings settings,
            String name,
            String clientId,
            ReconcileTurn turn) {
        this.bucket = bucket;
        this.filter = filter;
        this.topic = topic;
        this.keys = keys;
        this.settings = settings;
        this.name = name;
        this.clientId = clientId;
        this.turn = turn;
    }

    /** Asks for a run, as soon as it can be; what is under way already began too early to count. */
    public void request(String why) {
        requested = why;
        unlessUnchanged = false;
    }

    /** Asks for a run, unless the bucket is as it was when the last run began: nothing was added, and nothing removed either. */
    public void requestUnlessUnchanged(String why) {
        if (requested == null) {
            requested = why;
            unlessUnchanged = true;
        }
    }

    /** The state that a run compares with is lost: ends it, and asks for another, whatever became of the ones before. */
    public void abort(String why) {
        failures = 0;
        again(why);
    }

    private void again(String why) {
        stopRun();
        reconciled = null;
        if (requested == null || unlessUnchanged) {
            request(why);
        }
    }

    /** True from the request to the end of the run, all its findings emitted. */
    public boolean isPending() {
        return requested != null || phase != Phase.IDLE;
    }

    /** True while a run is under way. */
    public boolean isRunning() {
        return phase != Phase.IDLE;
    }

    /** The position that the present run compares up to; null before it has one. */
    WatchPosition pinned() {
        return pinned;
    }

    /** The task emits a record for this stored key. */
    public void emitted(String key) {
        emitted.add(key);
    }

    /**
     * Goes on as far as is possible without waiting.
     *
     * @throws KvException (fatal) if the bucket does not permit what is needed
     */
    public void step(Progress progress) {
        if (stepped && progress.now() - steppedAt > GAP) {
            // What was written and removed meanwhile has not been read.
            requestUnlessUnchanged("pause");
        }
        stepped = true;
        steppedAt = progress.now();
        switch (phase) {
            case IDLE -> begin(progress);
            case CATCHING_UP -> catchUp(progress);
            case COMMITTING -> {
                if (progress.committed() >= toBeCommitted && turn.take(this)) {
                    run = new Run();
                    phase = Phase.COMPARING;
                }
            }
            case COMPARING -> {
                if (run.isDone()) {
                    finish();
                }
            }
        }
    }

    /** The next finding that still holds; null if there is none at the moment. */
    public Correction poll() {
        while (run != null) {
            Correction correction = run.findings.poll();
            if (correction == null) {
                return null;
            }
            if (!emitted.contains(correction.entry().key())) {
                return correction;
            }
        }
        return null;
    }

    /** The task emits a record for this finding: it counts. */
    public void corrected(Correction correction) {
        if (correction.reason() == Correction.Reason.VANISHED) {
            vanished++;
        } else {
            missing++;
        }
    }

    private void begin(Progress progress) {
        long now = progress.now();
        settings.interval().ifPresent(interval -> {
            if (now - finishedAt >= interval.toNanos()) {
                request(ReconcileSettings.RECONCILE + "=" + settings.text());
            }
        });
        boolean early = failures > 0 && now - notBefore < 0;
        if (requested == null || progress.position().inSnapshot() || early || !turn.isFree()) {
            return;
        }
        reason = requested;
        requested = null;
        skipIfUnchanged = unlessUnchanged;
        startedAt = now;
        vanished = 0;
        missing = 0;
        emitted.begin();
        end = Long.MAX_VALUE;
        // Not needed for the run itself: without an answer the next one is made.
        stateAtBegin = bucket.statusAsync().handle((status, error) -> error == null ? BucketState.of(status) : null);
        ask();
        phase = Phase.CATCHING_UP;
    }

    private void ask() {
        askedAt = System.nanoTime();
        answer = bucket.lastRevisionAsync(filter);
    }

    /**
     * The first answer counts: who writes faster than the task reads would keep it waiting for ever. But that revision may never come: its key may
     * be gone. So the question is put again, for an end that lies below.
     */
    private void catchUp(Progress progress) {
        if (answer.isCompletedExceptionally()) {
            failed(failureOf(answer));
        } else if (answer.isDone()
                && stateAtBegin.isDone()
                && !progress.position().inSnapshot()) {
            end = Math.min(end, answer.join());
            if (skipIfUnchanged && reconciled != null && reconciled.equals(stateAtBegin.join())) {
                stopRun();
            } else if (end <= progress.position().revision()) {
                pinned = progress.position();
                toBeCommitted = progress.emitted();
                phase = Phase.COMMITTING;
            } else if (System.nanoTime() - askedAt > ASK_AGAIN) {
                ask();
            }
        }
    }

    private void finish() {
        if (run.error != null) {
            failed(run.error);
            return;
        }
        LOG.info(
                "Topic \"{}\" is reconciled with {} as of revision {} or later ({}): {} keys compared, {} had vanished, {} were missing or "
                        + "older in the topic; took {} ms",
                topic,
                name,
                pinned.revision(),
                reason,
                run.keysInTopic,
                vanished,
                missing,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt));
        failures = 0;
        reconciled = stateAtBegin.join();
        finishedAt = System.nanoTime();
        stopRun();
    }

    private void failed(Throwable error) {
        long pause = Math.min(FIRST_RETRY.toNanos() << Math.min(failures, 10), LONGEST_RETRY.toNanos());
        if (failures == 0) {
            LOG.warn(
                    "Topic \"{}\" can't be reconciled with {} now; trying again until it works: {}",
                    topic,
                    name,
                    error.getMessage());
        }
        failures++;
        notBefore = System.nanoTime() + pause;
        again(reason);
    }

    private void stopRun() {
        if (run != null) {
            run.thread.interrupt();
            run = null;
        }
        turn.giveBack(this);
        emitted.end();
        pinned = null;
        phase = Phase.IDLE;
    }

    private static Throwable failureOf(CompletableFuture<?> future) {
        try {
            future.join();
            throw new IllegalStateException("No failure");
        } catch (CompletionException e) {
            return e.getCause();
        }
    }

    /** Ends what is under way; it is told by {@link #isPending} before. */
    @Override
    public void close() {
        stopRun();
    }

    /** One comparison, on its own thread. */
    private final class Run {
        private final BlockingQueue<Correction> findings = new ArrayBlockingQueue<>(FINDINGS);
        private final Thread thread;
        private volatile boolean ended;
        private volatile Throwable error;
        private volatile int keysInTopic;

        private Run() {
            Map<String, String> context = MDC.getCopyOfContextMap();
            Comparison comparison = new Comparison(bucket, filter, topic, keys, pinned, findings::put);
            thread = new Thread(
                    () -> {
                        if (context != null) {
                            MDC.setContextMap(context);
                        }
                        compare(comparison);
                    },
                    clientId);
            thread.setDaemon(true);
            thread.start();
        }

        private void compare(Comparison comparison) {
            try {
                keysInTopic = comparison.run(settings.consumer(clientId));
            } catch (KvException | KafkaException e) {
                error = e;
            } catch (RuntimeException | Error e) {
                LOG.error("Unexpected error in reconciling topic \"{}\" with {}", topic, name, e);
                error = e;
            } finally {
                ended = true;
            }
        }

        private boolean isDone() {
            return ended && findings.isEmpty();
        }
    }
}
