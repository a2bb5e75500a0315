package io.natskv.camel;

import java.util.concurrent.ExecutorService;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

/** What producers do. */
@UriParams
public abstract class NatsKvProducerConfiguration extends NatsKvBucketConfiguration {
    @UriParam(
            label = "producer",
            defaultValue = "PUT",
            description = "What to do, where the header `CamelNatsKvOperation` does not say it.")
    private NatsKvOperation operation = NatsKvOperation.PUT;

    @UriParam(
            label = "producer",
            description = "The revision at which the operation applies, where the header "
                    + "`CamelNatsKvAtRevision` does not give it. UPDATE, DELETE and PURGE: the last "
                    + "revision that the key must have (UPDATE: 0 for none). GET: the revision to read.")
    private Long revision;

    @UriParam(
            label = "producer",
            javaType = "java.time.Duration",
            description = "CREATE: the value expires after this time. PURGE: the marker does. In whole seconds, "
                    + "rounded up; needs a server 2.11 and a bucket with `limitMarkerTtl`. The header "
                    + "`CamelNatsKvTtl` wins. For ever by default.")
    private long ttl;

    @UriParam(
            label = "producer",
            defaultValue = "THROW",
            description = "What CREATE, UPDATE, DELETE and PURGE do when the key is not in the expected state: "
                    + "fail with a NatsKvConflictException, or go on and tell it in the header "
                    + "`CamelNatsKvApplied`.")
    private NatsKvConflictPolicy conflict = NatsKvConflictPolicy.THROW;

    @UriParam(
            label = "producer",
            description = "GET of a key without a value fails with NatsKvKeyNotFoundException. By default the "
                    + "result is null, and the header `CamelNatsKvFound` is false.")
    private boolean failIfAbsent;

    @UriParam(
            label = "producer",
            description = "What GET gives for a key without a value, instead of null; `CamelNatsKvFound` is "
                    + "false all the same.")
    private String defaultValue;

    @UriParam(
            label = "producer",
            description =
                    "PUT, CREATE and UPDATE store an empty value for a null body. By default a null body " + "fails.")
    private boolean allowNullBody;

    @UriParam(
            label = "producer",
            description =
                    "Put the result of GET, GET_ALL, KEYS, HISTORY, STATUS and BUCKETS into the header of this name, "
                            + "and leave the body.")
    private String resultHeader;

    @UriParam(
            label = "producer",
            javaType = "java.time.Duration",
            defaultValue = "1800000",
            description = "PURGE_DELETES: markers younger than this stay; 0 removes all.")
    private long markerThreshold = 1_800_000;

    @UriParam(
            label = "producer",
            javaType = "java.time.Duration",
            defaultValue = "60000",
            description = "How long KEYS, HISTORY and PUT_ALL, and the listing of GET_ALL, may take as a whole; then "
                    + "they fail.")
    private long listTimeout = 60000;

    @UriParam(
            label = "producer,advanced",
            defaultValue = "1000",
            description = "PUT_ALL: how many writes may be under way at a time.")
    private int maxInFlight = 1000;

    @UriParam(
            label = "producer,advanced",
            description = "The threads on which an exchange goes on after the server's answer, and on which "
                    + "KEYS and HISTORY run. By default each producer has a pool of its own that grows with "
                    + "the demand; it also takes what this pool rejects or would run in the caller. The pool must "
                    + "not drop tasks in silence.")
    private ExecutorService workerPool;

    public NatsKvOperation getOperation() {
        return operation;
    }

    public void setOperation(NatsKvOperation value) {
        operation = value;
    }

    public Long getRevision() {
        return revision;
    }

    public void setRevision(Long value) {
        revision = value;
    }

    public long getTtl() {
        return ttl;
    }

    public void setTtl(long value) {
        ttl = value;
    }

    public NatsKvConflictPolicy getConflict() {
        return conflict;
    }

    public void setConflict(NatsKvConflictPolicy value) {
        conflict = value;
    }

    public boolean isFailIfAbsent() {
        return failIfAbsent;
    }

    public void setFailIfAbsent(boolean value) {
        failIfAbsent = value;
    }

    public String getDefaultValue() {
        return defaultValue;
    }

    public void setDefaultValue(String value) {
        defaultValue = value;
    }

    public boolean isAllowNullBody() {
        return allowNullBody;
    }

    public void setAllowNullBody(boolean value) {
        allowNullBody = value;
    }

    public String getResultHeader() {
        return resultHeader;
    }

    public void setResultHeader(String value) {
        resultHeader = value;
    }

    public long getMarkerThreshold() {
        return markerThreshold;
    }

    public void setMarkerThreshold(long value) {
        markerThreshold = value;
    }

    public long getListTimeout() {
        return listTimeout;
    }

    public void setListTimeout(long value) {
        listTimeout = value;
    }

    public int getMaxInFlight() {
        return maxInFlight;
    }

    public void setMaxInFlight(int value) {
        maxInFlight = value;
    }

    public ExecutorService getWorkerPool() {
        return workerPool;
    }

    public void setWorkerPool(ExecutorService value) {
        workerPool = value;
    }
}
