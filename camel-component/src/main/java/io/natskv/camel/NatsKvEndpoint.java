package io.natskv.camel;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.key.KvNames;
import java.util.function.Function;
import org.apache.camel.AsyncEndpoint;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.PollingConsumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;

/** Read, write and watch the keys of a NATS JetStream Key-Value bucket. */
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "nats-kv",
        title = "NATS Key-Value",
        syntax = "nats-kv:bucket",
        category = {Category.DATABASE, Category.CLUSTERING},
        headersClass = NatsKvConstants.class)
public class NatsKvEndpoint extends DefaultEndpoint
        implements AsyncEndpoint, EndpointServiceLocation, MultipleConsumersSupport {
    @UriPath(description = "Name of the bucket.")
    @Metadata(required = true)
    private final String bucket;

    @UriParam
    private final NatsKvConfiguration configuration;

    /** @throws io.natskv.core.error.InvalidBucketException if the name is malformed */
    public NatsKvEndpoint(String uri, NatsKvComponent component, String bucket, NatsKvConfiguration configuration) {
        super(uri, component);
        this.bucket = KvNames.checkBucket(bucket);
        this.configuration = configuration;
    }

    @Override
    public Producer createProducer() {
        return new NatsKvProducer(this);
    }

    /** @throws IllegalArgumentException if options contradict each other */
    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        ConsumerOptions.check(configuration);
        NatsKvConsumer consumer = new NatsKvConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public PollingConsumer createPollingConsumer() throws Exception {
        NatsKvPollingConsumer consumer = new NatsKvPollingConsumer(this);
        configurePollingConsumer(consumer);
        return consumer;
    }

    @Override
    public NatsKvComponent getComponent() {
        return (NatsKvComponent) super.getComponent();
    }

    /**
     * Connects, and opens the bucket or creates it.
     *
     * @throws Exception if the server can't be reached, or the bucket is missing and is not to be created
     */
    OpenBucket openBucket() throws Exception {
        return open(buckets -> BucketOpener.open(buckets, bucket, configuration));
    }

    /**
     * Connects, and leaves the bucket alone, which may be missing.
     *
     * @throws Exception if the server can't be reached
     */
    OpenBucket connect() throws Exception {
        return open(buckets -> null);
    }

    private OpenBucket open(Function<KvBuckets, KvBucket> opener) throws Exception {
        NatsKvConnections.Lease lease = getComponent().connections().acquire(configuration, getCamelContext());
        try {
            KvBuckets buckets = new KvBuckets(lease.connection());
            return new OpenBucket(buckets, opener.apply(buckets), lease);
        } catch (RuntimeException e) {
            lease.close();
            throw e;
        }
    }

    /** True: each consumer has a watch of its own and receives everything. */
    @Override
    public boolean isMultipleConsumersSupported() {
        return true;
    }

    /** The servers without user information; null if they are not known yet. */
    @Override
    public String getServiceUrl() {
        String servers = configuration.getConnection() == null
                ? configuration.getServers()
                : configuration.getConnection().getConnectedUrl();
        try {
            return servers == null
                    ? null
                    : NatsConnectionConfig.of(servers.split(",")).displayServers();
        } catch (IllegalArgumentException malformed) {
            return null; // the start of the route will tell
        }
    }

    @Override
    public String getServiceProtocol() {
        return "nats";
    }

    public String getBucket() {
        return bucket;
    }

    public NatsKvConfiguration getConfiguration() {
        return configuration;
    }
}
