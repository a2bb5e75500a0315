package io.natskv.camel;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.spi.PropertiesFunction;
import org.apache.camel.support.service.ServiceSupport;

/**
 * The placeholder {@code {{nats-kv:bucket/key}}}: the key's value as text. With {@code {{nats-kv:bucket/key:default}}} the default stands in
 * where the key has none. The server is that of the component's own options. With the component's option {@code reloadOnKeyChange} the
 * routes are reloaded when a key changes that was used.
 */
@org.apache.camel.spi.annotations.PropertiesFunction("nats-kv")
public class NatsKvPropertiesFunction extends ServiceSupport implements PropertiesFunction, CamelContextAware {
    private final ReentrantLock lock = new ReentrantLock();
    /** By the name of the bucket; with the lock. */
    private final Map<String, OpenBucket> buckets = new HashMap<>();

    private CamelContext context;
    /** With the lock; null until a key is used whose changes matter. */
    private KeyReloader reloader;

    @Override
    public String getName() {
        return "nats-kv";
    }

    /**
     * The value.
     *
     * @return null if the key has none and there is no default
     * @throws IllegalArgumentException if it is no bucket and key
     */
    @Override
    public String apply(String remainder) {
        int colon = remainder.indexOf(':'); // neither buckets nor keys have one
        String name = colon < 0 ? remainder : remainder.substring(0, colon);
        String defaultValue = colon < 0 ? null : remainder.substring(colon + 1);
        int slash = name.indexOf('/');
        if (slash < 1 || slash == name.length() - 1) {
            throw new IllegalArgumentException("{{nats-kv:" + remainder
                    + "}}: name a bucket and a key, as in {{nats-kv:bucket/key}} or {{nats-kv:bucket/key:default}}");
        }
        KvEntry entry = last(name.substring(0, slash), name.substring(slash + 1));
        return entry == null || entry.operation().isMarker()
                ? defaultValue
                : new String(entry.value(), StandardCharsets.UTF_8);
    }

    private KvEntry last(String bucket, String key) {
        lock.lock();
        try {
            NatsKvComponent component = context.getComponent("nats-kv", NatsKvComponent.class);
            OpenBucket open = open(component, bucket);
            KvEntry entry = open.bucket().lastAsync(key).join();
            if (component.isReloadOnKeyChange()) {
                if (reloader == null) {
                    reloader = new KeyReloader(context, this::reopened);
                }
                reloader.used(bucket, key, entry == null ? 0 : entry.revision());
            }
            return entry;
        } catch (CompletionException e) {
            throw RuntimeCamelException.wrapRuntimeCamelException(KeyOperations.unwrap(e));
        } catch (Exception e) {
            throw RuntimeCamelException.wrapRuntimeCamelException(e);
        } finally {
            lock.unlock();
        }
    }

    private KvBucket reopened(String bucket) throws Exception {
        lock.lock();
        try {
            return open(context.getComponent("nats-kv", NatsKvComponent.class), bucket)
                    .bucket();
        } finally {
            lock.unlock();
        }
    }

    private OpenBucket open(NatsKvComponent component, String bucket) throws Exception {
        OpenBucket open = buckets.get(bucket);
        if (open == null || !open.isUsable()) {
            if (buckets.isEmpty()) {
                context.addService(this, true, true); // so that it is stopped with the context
            }
            NatsKvConfiguration options = component.getConfiguration().copy();
            options.setCreateBucket(false);
            NatsKvEndpoint endpoint = new NatsKvEndpoint("nats-kv:" + bucket, component, bucket, options);
            endpoint.setCamelContext(context);
            open = endpoint.openBucket();
            OpenBucket before = buckets.put(bucket, open);
            if (before != null) {
                before.close();
            }
        }
        return open;
    }

    @Override
    protected void doStop() {
        lock.lock();
        try {
            if (reloader != null) {
                reloader.close();
                reloader = null;
            }
            buckets.values().forEach(OpenBucket::close);
            buckets.clear();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    @Override
    public void setCamelContext(CamelContext value) {
        context = value;
    }
}
