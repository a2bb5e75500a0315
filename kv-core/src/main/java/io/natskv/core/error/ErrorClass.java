package io.natskv.core.error;

/** What a caller should do about an error. */
public enum ErrorClass {
    /** The same request may succeed later: retry with back-off, up to a deadline. */
    TRANSIENT,
    /** This request can't succeed as it is, others can: report the record and go on. */
    REJECTED,
    /** No request can succeed until somebody changes a setting, a permission or the bucket: stop. */
    FATAL
}
