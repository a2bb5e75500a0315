package io.natskv.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.function.Function;

/**
 * For what has to fail at the other side's word, and within a time-out. Where a machine stalls, time is up before that side has answered, and the
 * failure tells nothing of it: then there is another attempt, with more time.
 */
public final class PatientAttempts {
    private static final int ATTEMPTS = 3;
    private static final int FACTOR = 6;

    private PatientAttempts() {}

    /** @param answered whether the other side has had its say before the time was up */
    public record Attempt(Throwable failure, boolean answered) {}

    /**
     * The failure of the first attempt that was answered.
     *
     * @param attempt makes one with the time-out that it is given; what it throws ends them all
     * @throws AssertionError if none was, with the last failure as the cause, or if one did not fail
     */
    public static Throwable failure(Duration timeout, Function<Duration, Attempt> attempt) {
        Throwable last = null;
        Duration given = timeout;
        for (int i = 0; i < ATTEMPTS; i++) {
            Attempt made = attempt.apply(given);
            last = made.failure();
            assertThat(last).as("failure with a time-out of %s", given).isNotNull();
            if (made.answered()) {
                return last;
            }
            given = given.multipliedBy(FACTOR);
        }
        throw new AssertionError("no attempt was answered", last);
    }
}
