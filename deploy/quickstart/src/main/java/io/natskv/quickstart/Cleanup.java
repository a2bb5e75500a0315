package io.natskv.quickstart;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.LoggerFactory;

/** What is to be undone at the end, last thing first, whether the end comes in order, by an error or by Ctrl-C. Thread-safe. */
final class Cleanup implements AutoCloseable {
    private final Deque<AutoCloseable> actions = new ArrayDeque<>();
    private boolean closed;

    /** Registers an action; it is done at once if the end has come already. Returns its argument. */
    <T extends AutoCloseable> T add(T action) {
        synchronized (this) {
            if (!closed) {
                actions.push(action);
                return action;
            }
        }
        run(action);
        return action;
    }

    /** Does everything that was registered; a second call waits for the first. */
    @Override
    public synchronized void close() {
        closed = true;
        while (!actions.isEmpty()) {
            run(actions.pop());
        }
    }

    private static void run(AutoCloseable action) {
        try {
            action.close();
        } catch (Exception e) {
            // Not a static field: the program says first where logs go.
            LoggerFactory.getLogger(Cleanup.class).warn("Clean-up failed", e);
        }
    }
}
