package io.natskv.soak;

import io.natskv.soak.model.Findings;
import io.natskv.soak.model.Violation;
import io.natskv.testing.kafka.ConnectorStatus;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;

/**
 * Looks after connectors and processes as an operator does. A task that fails by our code is a violation: none of the faults is one that it may fail
 * of. So is a process that ends by itself. Connect itself fails tasks, of sources that write exactly once above all, when a broker is away in the
 * wrong moment, and workers end then; those are started again, and counted.
 */
final class Supervision {
    private static final String OURS = "io.natskv";
    /** Of these no broker is the cause that is away: what a plugin hands to the worker is. */
    private static final Pattern BUG = Pattern.compile(
            "(?m)^(Caused by: )?java\\.lang\\.(\\w+Error|NullPointerException"
                    + "|ClassCastException|IllegalArgumentException|IndexOutOfBoundsException|UnsupportedOperationException)");

    private static final String NO_MEMORY = "java.lang.OutOfMemoryError";
    private static final int LOG_LINES = 40;

    private final Stack stack;
    private final Pipelines pipelines;
    private final CamelProcess camel;
    private final HangingTransactions transactions;
    private final Journal journal;
    private int restarts;

    Supervision(
            Stack stack, Pipelines pipelines, CamelProcess camel, HangingTransactions transactions, Journal journal) {
        this.transactions = transactions;
        this.stack = stack;
        this.pipelines = pipelines;
        this.camel = camel;
        this.journal = journal;
    }

    int restarts() {
        return restarts;
    }

    /** Looks at everything; there is no fault at the moment. */
    void look(Findings findings) {
        processes(findings);
        for (ConnectorStatus status : pipelines.failed()) {
            String text = status.describe();
            if (ofAPlugin(text)) {
                findings.add(Violation.Kind.STUCK, "connector " + status.name(), text);
            } else {
                restarts++;
                journal.line("restart of what Connect let fail: "
                        + text.lines().limit(3).toList().toString().toLowerCase(Locale.ROOT));
                try {
                    pipelines.restartFailed(status);
                } catch (RuntimeException e) {
                    journal.line("it could not be restarted yet: " + e.getMessage());
                }
            }
        }
    }

    /** To be called some time apart: those go that were there the last time. */
    void endHangingTransactions() throws InterruptedException {
        try {
            for (String aborted : transactions.abort()) {
                restarts++;
                journal.line("abort of a transaction that the broker left open though it says that it has ended: "
                        + aborted);
            }
        } catch (ExecutionException e) {
            journal.line("transactions can't be looked at: " + e.getCause());
        }
    }

    /** Whether a task or a worker has failed by what a plugin did, as far as traces tell. */
    static boolean ofAPlugin(String trace) {
        return trace.contains(OURS) || BUG.matcher(trace).find();
    }

    private void processes(Findings findings) {
        stack.ended().forEach(text -> findings.add(Violation.Kind.STUCK, "process", text));
        if (!camel.alive()) {
            findings.add(Violation.Kind.STUCK, "process", "the Camel consumer has ended by itself: " + camel.logTail());
        }
        List<Integer> workers = findings.isEmpty() ? stack.endedWorkers() : List.of();
        for (int number : workers) {
            String log = stack.worker(number).logTail(LOG_LINES);
            if (log.contains(NO_MEMORY)) {
                findings.add(Violation.Kind.STUCK, "process", "worker " + number + " has ended by itself: " + log);
            } else {
                restarts++;
                journal.line("restart of worker " + number + ", which has ended by itself: "
                        + log.lines()
                                .filter(line -> line.contains("ERROR"))
                                .limit(3)
                                .toList());
                stack.worker(number).restart();
            }
        }
    }
}
