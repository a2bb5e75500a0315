package io.natskv.camel;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.apache.camel.spi.ExecutorServiceManager;

/**
 * The threads of a producer. What is given here never runs on the thread that gives it, which may be the NATS client's: a route that
 * went on there would hold up every other answer, and its own next one for ever. A pool of the user that rejects a task, or runs it in
 * the caller, is helped out by a pool of our own. A pool that drops tasks in silence can't be helped.
 */
final class Workers implements Executor {
    private final ExecutorServiceManager executors;
    private final Executor first;
    private final ExecutorService own;
    private final String name;
    /** Those of our own that are at work. */
    private final Set<Thread> working = ConcurrentHashMap.newKeySet();

    /** @param pool the user's pool, which is left running; null for none */
    Workers(ExecutorServiceManager executors, Object source, String name, ExecutorService pool) {
        this.executors = executors;
        this.name = name;
        own = executors.newCachedThreadPool(source, name);
        first = pool == null ? this::executeOwn : pool;
    }

    @Override
    public void execute(Runnable task) {
        Handover handover = new Handover(task);
        try {
            first.execute(handover);
        } catch (RejectedExecutionException e) {
            helpOut(task);
        } finally {
            handover.giving = false;
        }
    }

    /** Waits for what is under way in our own pool; unless that is who stops it, as with a producer that is used once. */
    void stop() {
        if (working.contains(Thread.currentThread())) {
            executors.shutdown(own);
        } else {
            executors.shutdownGraceful(own);
        }
    }

    private void executeOwn(Runnable task) {
        own.execute(() -> {
            working.add(Thread.currentThread());
            try {
                task.run();
            } finally {
                working.remove(Thread.currentThread());
            }
        });
    }

    private void helpOut(Runnable task) {
        try {
            executeOwn(task);
        } catch (RejectedExecutionException e) {
            // Stopped by force meanwhile; the exchange must end all the same.
            executors.newThread(name, task).start();
        }
    }

    private final class Handover implements Runnable {
        private final Runnable task;
        private final Thread giver = Thread.currentThread();
        /** For the giver's thread alone. */
        private boolean giving = true;

        Handover(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            // A thread of the pool may give to its own pool, and take the task up later.
            if (Thread.currentThread() == giver && giving) {
                helpOut(task);
            } else {
                task.run();
            }
        }
    }
}
