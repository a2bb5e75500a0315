package io.natskv.core.error;

/** The stream exists, but is no well-formed KV bucket (ADR-8). */
public final class NotAKvBucketException extends KvException {
    private static final long serialVersionUID = 1L;

    public NotAKvBucketException(String bucket, String problem) {
        super(ErrorClass.FATAL, "Stream KV_" + bucket + " is no KV bucket: " + problem);
    }
}
