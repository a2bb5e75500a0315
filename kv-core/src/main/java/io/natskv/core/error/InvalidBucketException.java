package io.natskv.core.error;

/** The bucket name is none that NATS KV allows (ADR-6). */
public final class InvalidBucketException extends KvException {
    private static final long serialVersionUID = 1L;

    public InvalidBucketException(String bucket, String problem) {
        super(ErrorClass.FATAL, "Invalid bucket name \"" + bucket + "\": " + problem);
    }
}
