package io.natskv.quickstart;

/** Something that only the user can mend. The message says what to do; it is shown without a stack trace. */
final class UserProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UserProblem(String message) {
        super(message);
    }

    UserProblem(String message, Throwable cause) {
        super(message, cause);
    }
}
