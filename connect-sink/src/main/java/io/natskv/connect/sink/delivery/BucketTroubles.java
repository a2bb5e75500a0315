package io.natskv.connect.sink.delivery;

import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What passing failure keeps buckets from being opened: told once, and kept for the day when it has not passed. For one thread. */
public final class BucketTroubles {
    private static final Logger LOG = LoggerFactory.getLogger(BucketTroubles.class);

    private final Map<String, KvException> last = new HashMap<>();

    /** A bucket could not be opened. */
    public void met(String bucket, KvException failure) {
        if (last.put(bucket, failure) == null) {
            LOG.warn("Bucket \"{}\" can't be opened: {}; trying again until it works", bucket, failure.getMessage());
        }
    }

    /** A bucket is open. */
    public void passed(String bucket) {
        if (last.remove(bucket) != null) {
            LOG.info("Bucket \"{}\" is open", bucket);
        }
    }

    /**
     * Why a bucket is not open.
     *
     * @param connected whether there is a server to ask
     */
    public KvException of(String bucket, boolean connected) {
        if (!connected) {
            return new UnavailableException("NATS is not reachable", last.get(bucket));
        }
        KvException known = last.get(bucket);
        return known == null
                ? new UnavailableException("There is no answer yet about bucket \"" + bucket + "\"", null)
                : known;
    }
}
