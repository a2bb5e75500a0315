package io.natskv.camel;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.CamelExchangeException;
import org.apache.camel.Exchange;

/** PUT_ALL could not store everything. What is in {@link #getRevisions} is stored; the cause is the first of {@link #getFailures}. */
public class NatsKvPutAllException extends CamelExchangeException {
    private static final long serialVersionUID = 1L;

    private final String bucket;
    private final transient Map<String, Long> revisions;
    private final transient Map<String, Throwable> failures;

    /**
     * @param revisions what was stored
     * @param failures what was not, one or more; "unavailable" means that it may have been
     */
    public NatsKvPutAllException(
            String bucket, Map<String, Long> revisions, Map<String, Throwable> failures, Exchange exchange) {
        super(
                "Bucket \"" + bucket + "\": " + failures.size() + " of " + (failures.size() + revisions.size())
                        + " keys were not stored, the first of them \""
                        + failures.keySet().iterator().next() + "\"",
                exchange,
                failures.values().iterator().next());
        this.bucket = bucket;
        this.revisions = Collections.unmodifiableMap(new LinkedHashMap<>(revisions));
        this.failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
    }

    public String getBucket() {
        return bucket;
    }

    /** The last revision of each key that was stored. */
    public Map<String, Long> getRevisions() {
        return revisions;
    }

    /** Why each other key was not stored. */
    public Map<String, Throwable> getFailures() {
        return failures;
    }
}
