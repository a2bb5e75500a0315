package io.natskv.camel;

import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.StateRepository;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;

/**
 * The options of component and endpoint: what consumers do, and what the classes above it add. Each is described in its annotation, from
 * which Camel's catalog is made. Durations are in milliseconds here; in a URI Camel also takes {@code 5s} or {@code PT5S}.
 */
@UriParams
public class NatsKvConfiguration extends NatsKvProducerConfiguration implements Cloneable {
    @UriParam(
            description =
                    "Producer: the key, where the header `CamelNatsKvKey` does not give it. Consumer, and operations"
                            + " KEYS and GET_ALL: which keys, exact ones or filters in which a star stands for one token"
                            + " and a greater-than sign at the end for one or more; several are separated by commas, must not"
                            + " overlap, and need a server 2.10. All keys by default.")
    private String key;

    @UriParam(
            label = "consumer",
            description = "Start with every revision that the bucket keeps, not with the last one of each key.")
    private boolean includeHistory;

    @UriParam(label = "consumer", description = "Start with the changes after the start of the consumer.")
    private boolean updatesOnly;

    @UriParam(
            label = "consumer",
            description = "Start with this revision, and deliver every surviving one from there on.")
    private Long fromRevision;

    @UriParam(label = "consumer", description = "Leave out deletes and purges.")
    private boolean ignoreDeletes;

    @UriParam(label = "consumer", description = "Receive the changes without their values; the body is null.")
    private boolean metaOnly;

    @UriParam(
            label = "consumer",
            description = "Send an exchange without body, with the header `CamelNatsKvEndOfData`, when all that "
                    + "was in the bucket at the start has been processed.")
    private boolean sendEndOfData;

    @UriParam(
            label = "consumer",
            defaultValue = "1",
            description = "How many threads process changes. More than one keep the order within each key only: "
                    + "a key always belongs to the same thread.")
    private int concurrentConsumers = 1;

    @UriParam(
            label = "consumer",
            description = "Process a change that failed (behind the error handler of the route) again and "
                    + "again, with pauses from `retryDelay` to `maxRetryDelay`, and let nothing pass it. By "
                    + "default the next change follows.")
    private boolean breakOnFirstError;

    @UriParam(label = "consumer", description = "Receive many changes in one exchange: the body is a List of KvEntry.")
    private boolean batching;

    @UriParam(
            label = "consumer",
            defaultValue = "500",
            description = "With `batching`: how many changes an exchange holds at most.")
    private int batchSize = 500;

    @UriParam(
            label = "consumer",
            javaType = "java.time.Duration",
            description = "With `batching`: how long to wait for a batch to fill up. By default a batch takes "
                    + "what is there, and never waits for more.")
    private long batchInterval;

    @UriParam(
            label = "consumer",
            description = "Keeps the position over restarts: the consumer goes on behind the last change that "
                    + "it has processed. A position in a bucket that was replaced meanwhile is dropped with "
                    + "a warning.")
    private StateRepository<String, String> offsetRepository;

    @UriParam(
            label = "consumer",
            description = "Under which name the position is kept; bucket, slash and filter by default. Each consumer "
                    + "needs a name of its own: two that share a repository, a bucket and a filter need "
                    + "this option, in one Camel context as in several.")
    private String offsetKey;

    @UriParam(
            label = "consumer,advanced",
            javaType = "java.time.Duration",
            defaultValue = "1000",
            description = "How often the position is written to the `offsetRepository` at most; 0 writes it "
                    + "behind each exchange, and `allowManualCommit` at each commit. A stop and a suspension write it at once; after a crash what "
                    + "was processed since the last time comes again.")
    private long offsetInterval = 1000;

    @UriParam(
            label = "consumer",
            description = "The position moves only when the route says so, by the NatsKvManualCommit in the "
                    + "header `CamelNatsKvManualCommit`.")
    private boolean allowManualCommit;

    @UriParam(
            label = "consumer,advanced",
            javaType = "java.time.Duration",
            defaultValue = "1000",
            description = "Pause before a watch that can't go on is opened anew; doubled with each failure. "
                    + "(Outages of a server are ridden out without it.)")
    private long retryDelay = 1000;

    @UriParam(
            label = "consumer,advanced",
            javaType = "java.time.Duration",
            defaultValue = "30000",
            description = "The longest of those pauses.")
    private long maxRetryDelay = 30000;

    @UriParam(
            label = "consumer,advanced",
            defaultValue = "camel-nats-kv",
            description = "How the names of the watches begin on the server.")
    private String consumerNamePrefix = "camel-nats-kv";

    @UriParam(
            label = "consumer (durable)",
            description = "Read by the durable JetStream consumer of this name instead of a watch: consumers of "
                    + "the same name share the work, also on several nodes; each change is acknowledged "
                    + "when its exchange has completed, and delivered again if not. It is created if it is "
                    + "missing and never deleted.")
    private String durableName;

    @UriParam(
            label = "consumer (durable)",
            javaType = "java.time.Duration",
            defaultValue = "30000",
            description = "With `durableName`: after how long without acknowledgement the server delivers a "
                    + "change again.")
    private long ackWait = 30000;

    @UriParam(
            label = "consumer (durable)",
            javaType = "java.time.Duration",
            defaultValue = "5000",
            description = "With `durableName`: after how long a change whose exchange failed is delivered " + "again.")
    private long nackWait = 5000;

    @UriParam(
            label = "consumer (durable)",
            defaultValue = "-1",
            description = "With `durableName`: how often a change is delivered at most; -1 for ever.")
    private int maxDeliver = -1;

    @UriParam(
            label = "consumer (durable)",
            description = "With `durableName`: the route acknowledges, by the NatsKvManualAck in the header "
                    + "`CamelNatsKvManualAck`.")
    private boolean manualAck;

    @UriParam(
            label = "consumer (durable)",
            defaultValue = "10",
            description = "With `durableName`: how many changes are fetched at a time, and may wait here beside "
                    + "those that the threads process; others can not have them meanwhile. With `batching` "
                    + "it is batchSize.")
    private int pullBatchSize = 10;

    @UriParam(
            label = "consumer (durable)",
            javaType = "java.time.Duration",
            defaultValue = "1000",
            description =
                    "With `durableName`: how long one request for changes waits at the server, a second " + "or more.")
    private long pullFetchTimeout = 1000;

    /** A copy that can be changed without changing this one. */
    public NatsKvConfiguration copy() {
        try {
            return (NatsKvConfiguration) clone();
        } catch (CloneNotSupportedException e) {
            throw new RuntimeCamelException(e);
        }
    }

    public String getKey() {
        return key;
    }

    public void setKey(String value) {
        key = value;
    }

    public boolean isIncludeHistory() {
        return includeHistory;
    }

    public void setIncludeHistory(boolean value) {
        includeHistory = value;
    }

    public boolean isUpdatesOnly() {
        return updatesOnly;
    }

    public void setUpdatesOnly(boolean value) {
        updatesOnly = value;
    }

    public Long getFromRevision() {
        return fromRevision;
    }

    public void setFromRevision(Long value) {
        fromRevision = value;
    }

    public boolean isIgnoreDeletes() {
        return ignoreDeletes;
    }

    public void setIgnoreDeletes(boolean value) {
        ignoreDeletes = value;
    }

    public boolean isMetaOnly() {
        return metaOnly;
    }

    public void setMetaOnly(boolean value) {
        metaOnly = value;
    }

    public boolean isSendEndOfData() {
        return sendEndOfData;
    }

    public void setSendEndOfData(boolean value) {
        sendEndOfData = value;
    }

    public int getConcurrentConsumers() {
        return concurrentConsumers;
    }

    public void setConcurrentConsumers(int value) {
        concurrentConsumers = value;
    }

    public boolean isBreakOnFirstError() {
        return breakOnFirstError;
    }

    public void setBreakOnFirstError(boolean value) {
        breakOnFirstError = value;
    }

    public boolean isBatching() {
        return batching;
    }

    public void setBatching(boolean value) {
        batching = value;
    }

    public int getBatchSize() {
        return batchSize;
    }

    public void setBatchSize(int value) {
        batchSize = value;
    }

    public long getBatchInterval() {
        return batchInterval;
    }

    public void setBatchInterval(long value) {
        batchInterval = value;
    }

    public StateRepository<String, String> getOffsetRepository() {
        return offsetRepository;
    }

    public void setOffsetRepository(StateRepository<String, String> value) {
        offsetRepository = value;
    }

    public String getOffsetKey() {
        return offsetKey;
    }

    public void setOffsetKey(String value) {
        offsetKey = value;
    }

    public long getOffsetInterval() {
        return offsetInterval;
    }

    public void setOffsetInterval(long value) {
        offsetInterval = value;
    }

    public boolean isAllowManualCommit() {
        return allowManualCommit;
    }

    public void setAllowManualCommit(boolean value) {
        allowManualCommit = value;
    }

    public long getRetryDelay() {
        return retryDelay;
    }

    public void setRetryDelay(long value) {
        retryDelay = value;
    }

    public long getMaxRetryDelay() {
        return maxRetryDelay;
    }

    public void setMaxRetryDelay(long value) {
        maxRetryDelay = value;
    }

    public String getConsumerNamePrefix() {
        return consumerNamePrefix;
    }

    public void setConsumerNamePrefix(String value) {
        consumerNamePrefix = value;
    }

    public String getDurableName() {
        return durableName;
    }

    public void setDurableName(String value) {
        durableName = value;
    }

    public long getAckWait() {
        return ackWait;
    }

    public void setAckWait(long value) {
        ackWait = value;
    }

    public long getNackWait() {
        return nackWait;
    }

    public void setNackWait(long value) {
        nackWait = value;
    }

    public int getMaxDeliver() {
        return maxDeliver;
    }

    public void setMaxDeliver(int value) {
        maxDeliver = value;
    }

    public boolean isManualAck() {
        return manualAck;
    }

    public void setManualAck(boolean value) {
        manualAck = value;
    }

    public int getPullBatchSize() {
        return pullBatchSize;
    }

    public void setPullBatchSize(int value) {
        pullBatchSize = value;
    }

    public long getPullFetchTimeout() {
        return pullFetchTimeout;
    }

    public void setPullFetchTimeout(long value) {
        pullFetchTimeout = value;
    }
}
