package io.natskv.soak;

import io.natskv.soak.model.Findings;
import io.natskv.soak.model.Violation;
import io.natskv.testing.kafka.ConnectorStatus;
import java.util.Locale;

/**
 * Looks after connectors as an operator does. A task that fails by our code is a violation: none of the faults is one that it may fail of. Connect
 * itself fails tasks, of sources that write exactly once above all, when a broker is away in the wrong moment; those are restarted, and counted.
 */
final class Supervision {
    private static final String OURS = "io.natskv";

    private final Pipelines pipelines;
    private final Journal journal;
    private int restarts;

    Supervision(Pipelines pipelines, Journal journal) {
        this.pipelines = pipelines;
        this.journal = journal;
    }

    int restarts() {
        return restarts;
    }

    void look(Findings findings) {
        for (ConnectorStatus status : pipelines.failed()) {
            String text = status.describe();
            if (text.contains(OURS)) {
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
}
