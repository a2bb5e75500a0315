package io.natskv.benchmarks;

/** Something that only the user can mend. The message says what to do; it is shown without a stack trace. */
public final class UserProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UserProblem(String message) {
        super(message);
    }
}
