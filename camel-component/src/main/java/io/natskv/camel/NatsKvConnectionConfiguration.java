package io.natskv.camel;

import io.nats.client.Connection;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.apache.camel.support.jsse.SSLContextParameters;

/**
 * How to reach the servers. Connection options have the names of camel-nats where they mean the same; secrets have names that Camel masks
 * wherever it shows a URI.
 */
@UriParams
public abstract class NatsKvConnectionConfiguration {
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
    private String userAuthenticationCredentials;

    @UriParam(label = "security", secret = true, description = "An nkey seed (SU…).")
    private String privateKey;

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

    public String getUserAuthenticationCredentials() {
        return userAuthenticationCredentials;
    }

    public void setUserAuthenticationCredentials(String value) {
        userAuthenticationCredentials = value;
    }

    public String getPrivateKey() {
        return privateKey;
    }

    public void setPrivateKey(String value) {
        privateKey = value;
    }
}
