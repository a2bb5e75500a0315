package io.natskv.connect.sink.exactlyonce;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;

/** Wakes the one thread that waits for answers. */
final class Bell {
    private final Semaphore rings = new Semaphore(0);

    /** Rings when this is done; not before: whoever looks because of the ring finds the answer there. */
    <T> CompletableFuture<T> ringing(CompletableFuture<T> answer) {
        answer.whenComplete((result, error) -> rings.release());
        return answer; // what whenComplete returns is done after the ring
    }

    /**
     * Returns when it has rung since the last call, or the time is over.
     *
     * @return whether it has rung
     * @throws ConnectException if the thread is interrupted
     */
    boolean await(long millis) {
        try {
            boolean rung = rings.tryAcquire(millis, TimeUnit.MILLISECONDS);
            rings.drainPermits();
            return rung;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ConnectException("Interrupted", e);
        }
    }
}
