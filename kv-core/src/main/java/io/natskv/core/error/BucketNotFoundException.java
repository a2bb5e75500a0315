package io.natskv.core.error;

/** There is no such bucket. */
public final class BucketNotFoundException extends KvException {
    private static final long serialVersionUID = 1L;

    public BucketNotFoundException(String bucket, String stream) {
        super(
                ErrorClass.FATAL,
                "Bucket \"" + bucket + "\" not found (stream " + stream
                        + "); create it, or check bucket name, account and JetStream domain");
    }
}
