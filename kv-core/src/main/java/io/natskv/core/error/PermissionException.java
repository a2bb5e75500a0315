package io.natskv.core.error;

/** The account or user may not publish or subscribe to a subject. */
public final class PermissionException extends KvException {
    private static final long serialVersionUID = 1L;

    /** @param subject the subject that is not allowed */
    public PermissionException(String action, String subject) {
        super(
                ErrorClass.FATAL,
                "No permission to " + action + " subject \"" + subject + "\": grant it to the NATS user");
    }
}
