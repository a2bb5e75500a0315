package io.natskv.benchmarks.camel;

import io.natskv.benchmarks.Rounds;
import io.natskv.benchmarks.core.Rates;
import io.natskv.camel.NatsKvConstants;
import io.natskv.core.KvEntry;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.Message;

/** A route that reads a whole bucket, from its start until it has seen every key. */
final class CamelReads implements Rounds.Side {
    private static final long PATIENCE_SECONDS = 120;

    private final String name;
    private final Routes routes;
    private final int keys;
    /** For the route's thread, which a round waits for. */
    private long bits;

    private int seen;
    private volatile CountDownLatch done = new CountDownLatch(1);

    private CamelReads(String name, Routes routes, String uri, int keys) throws Exception {
        this.name = name;
        this.routes = routes;
        this.keys = keys;
        routes.add(name, uri, this::take);
    }

    static CamelReads batches(Routes routes, String bucket, CamelSettings settings) throws Exception {
        return new CamelReads(
                "camelConsumer",
                routes,
                "nats-kv:" + bucket + "?batching=true&batchSize=" + settings.batchSize(),
                settings.snapshotKeys());
    }

    static CamelReads oneByOne(Routes routes, String bucket, int keys) throws Exception {
        return new CamelReads("camelConsumerOneByOne", routes, "nats-kv:" + bucket, keys);
    }

    /** A push consumer with acknowledgements: what camel-nats has for reading a stream from its beginning. */
    static CamelReads camelNats(Routes routes, String url, String bucket, int keys) throws Exception {
        return new CamelReads("camelNatsConsumer", routes, natsUri(url, bucket), keys);
    }

    static String natsUri(String url, String bucket) {
        return "nats:$KV." + bucket + ".>?jetstreamEnabled=true&pullSubscription=false&replyToDisabled=true"
                + "&jetstreamName=KV_" + bucket + "&servers=" + url.replace("nats://", "");
    }

    @SuppressWarnings("unchecked")
    private void take(Exchange exchange) {
        Message message = exchange.getMessage();
        Object body = message.getBody();
        if (body instanceof List) {
            for (KvEntry entry : (List<KvEntry>) body) {
                touch(
                        entry.key(),
                        entry.value(),
                        entry.revision(),
                        entry.created().getEpochSecond());
            }
        } else if (message.getHeader(NatsKvConstants.KEY) instanceof String key) {
            touch(
                    key,
                    (byte[]) body,
                    message.getHeader(NatsKvConstants.REVISION, Long.class),
                    message.getHeader(NatsKvConstants.CREATED, Instant.class).getEpochSecond());
        } else {
            // camel-nats gives neither revision nor time.
            synchronized (this) { // several threads
                touch(message.getHeader("CamelNatsSubject", String.class), (byte[]) body, 0, 0);
            }
        }
    }

    private void touch(String key, byte[] value, long revision, long seconds) {
        bits += key.charAt(key.length() - 1) + value[value.length - 1] + revision + seconds;
        if (++seen == keys) {
            done.countDown();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public double run() throws Exception {
        seen = 0;
        done = new CountDownLatch(1);
        long start = System.nanoTime();
        routes.start(name);
        if (!done.await(PATIENCE_SECONDS, TimeUnit.SECONDS) || bits == 0) {
            throw new IllegalStateException(name + " has read " + seen + " of " + keys + " keys");
        }
        double rate = Rates.perSecond(keys, start);
        routes.stop(name);
        return rate;
    }
}
