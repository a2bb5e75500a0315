package io.natskv.camel;

import io.natskv.core.watch.WatchPosition;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.RollbackExchangeException;
import org.apache.camel.support.resume.Resumables;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes exchanges of changes, and sees each to its end: behind the error handler of the route, a failure goes to the exception handler,
 * and then the next change follows; or, with {@code breakOnFirstError}, the same one comes again. Thread-safe.
 */
final class Feed {
    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

    private final NatsKvConsumer consumer;
    private final NatsKvConfiguration options;
    private final Gate gate;
    private final PositionKeeper keeper;
    private final String resumeKey;
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final LongAdder processed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile long lastRevision;

    /** How an attempt ended. */
    private enum Outcome {
        DONE,
        FAILED,
        /** It was not left to end: the change comes again, at the next start at the latest. */
        CUT_SHORT
    }

    /**
     * @param keeper told when there is time to write the position; null for none
     * @param resumeKey under which a resume strategy keeps the position; null if there is none
     */
    Feed(NatsKvConsumer consumer, NatsKvConfiguration options, Gate gate, PositionKeeper keeper, String resumeKey) {
        this.consumer = consumer;
        this.options = options;
        this.gate = gate;
        this.keeper = keeper;
        this.resumeKey = resumeKey;
    }

    /** The current thread will process exchanges. */
    void enterThread() {
        threads.add(Thread.currentThread());
    }

    /** True on a thread that processes exchanges. */
    boolean isOwnThread() {
        return threads.contains(Thread.currentThread());
    }

    /** Processes until it is done or the consumer stops. Throws nothing. */
    void run(Work given) {
        Work work = given;
        long pause = options.getRetryDelay();
        while (work.isReturnable() ? gate.tryEnter() : gate.enter()) {
            try {
                Thread.interrupted(); // not meant for the exchange
                work = work.wanted();
                if (work == null) {
                    return;
                }
                Outcome outcome = attempt(work);
                if (outcome == Outcome.DONE || outcome == Outcome.FAILED && !options.isBreakOnFirstError()) {
                    settle(work, outcome == Outcome.DONE);
                    return;
                }
            } finally {
                gate.leave();
                // Left by a route or a stranger, it would keep the watch from waiting.
                Thread.interrupted();
            }
            LOG.debug("{} comes again in {} ms", work, pause);
            if (!gate.pause(pause)) {
                break;
            }
            pause = Math.min(2 * pause, options.getMaxRetryDelay());
        }
        work.settlements().forEach(Settlement::dropped);
    }

    private Outcome attempt(Work work) {
        Exchange exchange = null;
        try {
            exchange = consumer.createExchange(false);
            return attempt(work, exchange);
        } catch (Throwable e) { // errors too: whatever fails here, the change must not be left without an end
            failed.increment();
            report(work + " was not processed", e);
            return outcomeOf(e);
        } finally {
            release(exchange);
        }
    }

    private Outcome attempt(Work work, Exchange exchange) {
        fill(work, exchange);
        try {
            consumer.getProcessor().process(exchange);
        } catch (Throwable e) { // errors too: they must not end the flow
            exchange.setException(e);
        }
        Exception error = exchange.getException();
        if (error == null && (exchange.isRollbackOnly() || exchange.isRollbackOnlyLast())) {
            error = new RollbackExchangeException(exchange);
        }
        if (error == null) {
            return Outcome.DONE;
        }
        failed.increment();
        report(work, exchange, error);
        return outcomeOf(error);
    }

    /** What fails while the route is being stopped may have been interrupted by that, or got less redeliveries than it was promised. */
    private Outcome outcomeOf(Throwable error) {
        boolean isForced =
                consumer.getEndpoint().getCamelContext().getShutdownStrategy().isForceShutdown();
        boolean isCutShort =
                gate.isStopped() || !gate.isOpen() && (isForced || error instanceof RejectedExecutionException);
        return isCutShort ? Outcome.CUT_SHORT : Outcome.FAILED;
    }

    private void release(Exchange exchange) {
        try {
            if (exchange != null) {
                consumer.releaseExchange(exchange, false);
            }
        } catch (Throwable e) { // its change has come to its end all the same
            LOG.warn("An exchange could not be released", e);
        }
    }

    private void report(Work work, Exchange exchange, Exception error) {
        String message = work + " was not processed";
        try {
            consumer.getExceptionHandler().handleException(message, exchange, error);
        } catch (Throwable e) { // whatever that is, the flow goes on
            LOG.error("{}; and the exception handler failed too", message, e);
        }
    }

    private void fill(Work work, Exchange exchange) {
        Message message = exchange.getMessage();
        EntryMapper.map(work, consumer.getEndpoint().getBucket(), options, message);
        if (work.isEndOfData()) {
            return;
        }
        if (options.isAllowManualCommit()) {
            NatsKvManualCommit commit = () -> {
                work.settlements().forEach(Settlement::commit);
                keeper.storeNow();
            };
            message.setHeader(NatsKvConstants.MANUAL_COMMIT, commit);
        }
        if (work.settlements().size() == work.entries().size()
                && work.settlements().get(0) instanceof DurableDelivery) {
            DurableDelivery.fill(work, options.isManualAck(), message);
        }
        if (resumeKey != null) {
            message.setHeader(Exchange.OFFSET, Resumables.of(resumeKey, PositionCodec.write(behind(work))));
        }
    }

    private static WatchPosition behind(Work work) {
        return ((PositionKeeper.Positioned)
                        work.settlements().get(work.settlements().size() - 1))
                .position();
    }

    private void settle(Work work, boolean success) {
        if (!work.isEndOfData()) {
            processed.add(work.entries().size());
            lastRevision = work.last().revision();
        }
        if (resumeKey != null && !work.isEndOfData()) {
            consumer.reached(resumeKey, PositionCodec.write(behind(work)));
        }
        for (Settlement settlement : work.settlements()) {
            try {
                settlement.processed(success);
            } catch (Throwable e) { // errors too: what is owed for the others is owed all the same
                report(work + " could not be settled", e);
            }
        }
        if (keeper != null) {
            keeper.settled();
        }
    }

    /** Tells of what is nobody's exchange. Throws nothing. */
    void report(String message, Throwable cause) {
        try {
            consumer.getExceptionHandler().handleException(message, cause);
        } catch (Throwable e) { // whatever that is, the flow goes on
            LOG.error("{}; and the exception handler failed too", message, e);
        }
    }

    /** There is time to write down what was reached. */
    void idle() {
        if (keeper != null) {
            if (gate.isStopped()) {
                keeper.storeNow();
            } else {
                keeper.storeIfDue();
            }
        }
    }

    long processed() {
        return processed.sum();
    }

    long failed() {
        return failed.sum();
    }

    /** The revision that ended last; 0 before the first. */
    long lastRevision() {
        return lastRevision;
    }
}
