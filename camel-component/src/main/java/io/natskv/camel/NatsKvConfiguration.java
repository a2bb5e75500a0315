package io.natskv.camel;

import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import java.util.concurrent.ExecutorService;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.support.jsse.SSLContextParameters;

/**
 * The options of component and endpoint, each described in its annotation, from which Camel's catalog is made. Durations are in
 * milliseconds here; in a URI Camel also takes {@code 5s} or {@code PT5S}. Connection options have the names of camel-nats where they
 * mean the same; secrets have names that Camel masks wherever it shows a URI.
 */
@UriParams
public class NatsKvConfiguration implements Cloneable {
    @UriParam(
            description = "Addresses of the NATS servers, separated by commas, as in "
                    + "`nats://host1:4222,tls://host2:4222`. Required unless `connection` is set. User and "
                    + "password belong into the options of those names, not into the address.")
    private String servers;

    @UriParam(description = "The JetStream domain that holds the bucket.")
    private String jetstreamDomain;

    @UriParam(
            description = "Prefix of the JetStream API of another account, as in `JS.acc.API`. Not together "
                    + "with `jetstreamDomain`.")
    private String jetstreamPrefix;

    @UriParam(
            description = "Producer: the key, where the header `CamelNatsKvKey` does not give it. Consumer and "
                    + "operation KEYS: which keys, as exact keys or filters with `*` for one token and a "
                    + "final `>` for one or more tokens; several are separated by commas, must not overlap, "
                    + "and need a server 2.10. All keys by default.")
    private String key;

    @UriParam(
            label = "advanced",
            description = "A connection to use instead of `servers` and all other connection options but "
                    + "`requestTimeout`, `jetstreamDomain` and `jetstreamPrefix`. It is shared and never "
                    + "closed by the component.")
    @Metadata(autowired = true)
    private Connection connection;

    @UriParam(
            label = "advanced",
            description = "Name that the server's connection reports show; `camel-` and the name of the Camel "
                    + "context by default.")
    private String connectionName;

    @UriParam(
            label = "advanced",
            javaType = "java.time.Duration",
            defaultValue = "2000",
            description = "How long one attempt to connect may take.")
    private long connectionTimeout = 2000;

    @UriParam(
            label = "advanced",
            javaType = "java.time.Duration",
            defaultValue = "5000",
            description = "How long a request to the server may take.")
    private long requestTimeout = 5000;

    @UriParam(
            label = "advanced",
            javaType = "java.time.Duration",
            defaultValue = "100",
            description = "Pause between two attempts to reconnect, to which up to 100 ms are added at random.")
    private long reconnectTimeWait = 100;

    @UriParam(
            label = "advanced",
            defaultValue = "-1",
            description = "Attempts to reconnect before the connection is given up; -1 for ever.")
    private int maxReconnectAttempts = -1;

    @UriParam(
            label = "advanced",
            javaType = "java.time.Duration",
            defaultValue = "20000",
            description = "How often the client asks whether the server is still there.")
    private long pingInterval = 20000;

    @UriParam(
            label = "advanced",
            defaultValue = "2",
            description = "How many unanswered pings mean that the server is gone.")
    private int maxPingsOut = 2;

    @UriParam(
            label = "advanced",
            description = "Connect to the configured servers only, not to others of their cluster.")
    private boolean ignoreDiscoveredServers;

    @UriParam(
            label = "advanced",
            description = "Prefix of the subjects on which answers come back, where `_INBOX` is not permitted.")
    private String inboxPrefix;

    @UriParam(label = "security", description = "Use TLS, also for servers whose address does not say `tls://`.")
    private boolean secure;

    @UriParam(label = "security", description = "Start TLS before the server speaks (`handshake_first` of the server).")
    private boolean tlsFirst;

    @UriParam(
            label = "security",
            description =
                    "Keys and trust for TLS; implies `secure`. Without it the JVM's own trust store " + "decides.")
    private SSLContextParameters sslContextParameters;

    @UriParam(label = "security", secret = true, description = "The user; with `password`.")
    private String username;

    @UriParam(label = "security", secret = true, description = "The password; with `username`.")
    private String password;

    @UriParam(label = "security", secret = true, description = "A token, for servers that ask for one.")
    private String token;

    @UriParam(
            label = "security",
            description = "A `.creds` file. Loaded from the class path by default; `file:` reads it from the "
                    + "file system, again at each reconnect, so that it can be rotated; `http:` loads it "
                    + "from there.")
    private String credentialsFilePath;

    @UriParam(label = "security", secret = true, description = "The text of a `.creds` file.")
    private String userCredentials;

    @UriParam(label = "security", secret = true, description = "An nkey seed (SU…).")
    private String userNkeySeed;

    @UriParam(
            label = "bucket",
            description = "Create the bucket at the start of a route if it is missing, with the settings below. "
                    + "A bucket that is there is never changed; if its settings differ, a warning says so.")
    private boolean createBucket;

    @UriParam(
            label = "bucket",
            defaultValue = "1",
            description = "With `createBucket`: how many revisions of a key are kept, 1 to 64.")
    private int history = 1;

    @UriParam(
            label = "bucket",
            javaType = "java.time.Duration",
            description = "With `createBucket`: how long any revision is kept; for ever by default.")
    private long bucketTtl;

    @UriParam(label = "bucket", defaultValue = "file", description = "With `createBucket`: where it is kept.")
    private StorageType storageType = StorageType.File;

    @UriParam(
            label = "bucket",
            defaultValue = "1",
            description = "With `createBucket`: how many servers of the cluster keep it, 1 to 5.")
    private int replicas = 1;

    @UriParam(
            label = "bucket",
            defaultValue = "-1",
            description = "With `createBucket`: its limit in bytes; -1 for none.")
    private long maxBucketSize = -1;

    @UriParam(
            label = "bucket",
            defaultValue = "-1",
            description = "With `createBucket`: limit of a value in bytes, headers included; -1 for none.")
    private int maxValueSize = -1;

    @UriParam(label = "bucket", description = "With `createBucket`: compress it on disk; needs a server 2.10.")
    private boolean compression;

    @UriParam(label = "bucket", description = "With `createBucket`: free text.")
    private String bucketDescription;

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
            description = "GET of a key without a value fails with NatsKvKeyNotFoundException. By default the "
                    + "result is null, and the header `CamelNatsKvFound` is false.")
    private boolean failIfAbsent;

    @UriParam(
            label = "producer",
            description =
                    "PUT, CREATE and UPDATE store an empty value for a null body. By default a null body " + "fails.")
    private boolean allowNullBody;

    @UriParam(
            label = "producer",
            description =
                    "Put the result of GET, KEYS and HISTORY into the header of this name, and leave the " + "body.")
    private String resultHeader;

    @UriParam(
            label = "producer",
            javaType = "java.time.Duration",
            defaultValue = "60000",
            description = "How long KEYS and HISTORY may take as a whole; then they fail.")
    private long listTimeout = 60000;

    @UriParam(
            label = "producer,advanced",
            description = "The threads on which an exchange goes on after the server's answer, and on which "
                    + "KEYS and HISTORY run. By default each producer has a pool of its own that grows with "
                    + "the demand; it also takes what this pool rejects or would run in the caller. The pool must "
                    + "not drop tasks in silence.")
    private ExecutorService workerPool;

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

    /** A copy that can be changed without changing this one. */
    public NatsKvConfiguration copy() {
        try {
            return (NatsKvConfiguration) clone();
        } catch (CloneNotSupportedException e) {
            throw new RuntimeCamelException(e);
        }
    }

    public String getServers() {
        return servers;
    }

    public void setServers(String value) {
        servers = value;
    }

    public String getJetstreamDomain() {
        return jetstreamDomain;
    }

    public void setJetstreamDomain(String value) {
        jetstreamDomain = value;
    }

    public String getJetstreamPrefix() {
        return jetstreamPrefix;
    }

    public void setJetstreamPrefix(String value) {
        jetstreamPrefix = value;
    }

    public String getKey() {
        return key;
    }

    public void setKey(String value) {
        key = value;
    }

    public Connection getConnection() {
        return connection;
    }

    public void setConnection(Connection value) {
        connection = value;
    }

    public String getConnectionName() {
        return connectionName;
    }

    public void setConnectionName(String value) {
        connectionName = value;
    }

    public long getConnectionTimeout() {
        return connectionTimeout;
    }

    public void setConnectionTimeout(long value) {
        connectionTimeout = value;
    }

    public long getRequestTimeout() {
        return requestTimeout;
    }

    public void setRequestTimeout(long value) {
        requestTimeout = value;
    }

    public long getReconnectTimeWait() {
        return reconnectTimeWait;
    }

    public void setReconnectTimeWait(long value) {
        reconnectTimeWait = value;
    }

    public int getMaxReconnectAttempts() {
        return maxReconnectAttempts;
    }

    public void setMaxReconnectAttempts(int value) {
        maxReconnectAttempts = value;
    }

    public long getPingInterval() {
        return pingInterval;
    }

    public void setPingInterval(long value) {
        pingInterval = value;
    }

    public int getMaxPingsOut() {
        return maxPingsOut;
    }

    public void setMaxPingsOut(int value) {
        maxPingsOut = value;
    }

    public boolean isIgnoreDiscoveredServers() {
        return ignoreDiscoveredServers;
    }

    public void setIgnoreDiscoveredServers(boolean value) {
        ignoreDiscoveredServers = value;
    }

    public String getInboxPrefix() {
        return inboxPrefix;
    }

    public void setInboxPrefix(String value) {
        inboxPrefix = value;
    }

    public boolean isSecure() {
        return secure;
    }

    public void setSecure(boolean value) {
        secure = value;
    }

    public boolean isTlsFirst() {
        return tlsFirst;
    }

    public void setTlsFirst(boolean value) {
        tlsFirst = value;
    }

    public SSLContextParameters getSslContextParameters() {
        return sslContextParameters;
    }

    public void setSslContextParameters(SSLContextParameters value) {
        sslContextParameters = value;
    }

    public String getUsername() {
        return username;
    }

    public void setUsername(String value) {
        username = value;
    }

    public String getPassword() {
        return password;
    }

    public void setPassword(String value) {
        password = value;
    }

    public String getToken() {
        return token;
    }

    public void setToken(String value) {
        token = value;
    }

    public String getCredentialsFilePath() {
        return credentialsFilePath;
    }

    public void setCredentialsFilePath(String value) {
        credentialsFilePath = value;
    }

    public String getUserCredentials() {
        return userCredentials;
    }

    public void setUserCredentials(String value) {
        userCredentials = value;
    }

    public String getUserNkeySeed() {
        return userNkeySeed;
    }

    public void setUserNkeySeed(String value) {
        userNkeySeed = value;
    }

    public boolean isCreateBucket() {
        return createBucket;
    }

    public void setCreateBucket(boolean value) {
        createBucket = value;
    }

    public int getHistory() {
        return history;
    }

    public void setHistory(int value) {
        history = value;
    }

    public long getBucketTtl() {
        return bucketTtl;
    }

    public void setBucketTtl(long value) {
        bucketTtl = value;
    }

    public StorageType getStorageType() {
        return storageType;
    }

    public void setStorageType(StorageType value) {
        storageType = value;
    }

    public int getReplicas() {
        return replicas;
    }

    public void setReplicas(int value) {
        replicas = value;
    }

    public long getMaxBucketSize() {
        return maxBucketSize;
    }

    public void setMaxBucketSize(long value) {
        maxBucketSize = value;
    }

    public int getMaxValueSize() {
        return maxValueSize;
    }

    public void setMaxValueSize(int value) {
        maxValueSize = value;
    }

    public boolean isCompression() {
        return compression;
    }

    public void setCompression(boolean value) {
        compression = value;
    }

    public String getBucketDescription() {
        return bucketDescription;
    }

    public void setBucketDescription(String value) {
        bucketDescription = value;
    }

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

    public boolean isFailIfAbsent() {
        return failIfAbsent;
    }

    public void setFailIfAbsent(boolean value) {
        failIfAbsent = value;
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

    public long getListTimeout() {
        return listTimeout;
    }

    public void setListTimeout(long value) {
        listTimeout = value;
    }

    public ExecutorService getWorkerPool() {
        return workerPool;
    }

    public void setWorkerPool(ExecutorService value) {
        workerPool = value;
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
}
