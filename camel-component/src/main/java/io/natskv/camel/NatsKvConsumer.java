package io.natskv.camel;

import io.natskv.core.KvEntry;
import io.natskv.core.watch.WatchOptions;
import java.util.concurrent.ExecutorService;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ExecutorServiceManager;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.support.DefaultConsumer;

/**
 * Feeds a route with the changes of a bucket: one exchange per change, one after the other, in revision order. Started means
 * watching; if the bucket can't be watched, the start fails.
 *
 * <p>An exchange that still fails behind the route's error handler goes to the exception handler, and the next change follows.
 */
public class NatsKvConsumer extends DefaultConsumer implements Suspendable, ShutdownAware {
    private final NatsKvEndpoint endpoint;
    private final WatchOptions options;
    private volatile Running running;

    /** What there is between start and stop. */
    private record Running(WatchLoop loop, ExecutorService thread) {}

    NatsKvConsumer(NatsKvEndpoint endpoint, Processor processor, WatchOptions options) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.options = options;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        WatchLoop loop = WatchLoop.begin(endpoint, options, new WatchLoop.Sink() {
            @Override
            public void change(KvEntry entry, boolean initial) {
                deliver(entry, initial);
            }

            @Override
            public void problem(String message, Throwable cause) {
                getExceptionHandler().handleException(message, cause);
            }
        });
        ExecutorService thread =
                executors().newSingleThreadExecutor(this, "NatsKvConsumer[" + endpoint.getBucket() + "]");
        running = new Running(loop, thread);
        thread.execute(loop);
    }

    /** Ends the watch, and waits for the exchange under way. */
    @Override
    protected void doStop() throws Exception {
        Running stopped = running;
        running = null;
        if (stopped != null) {
            stopped.loop.stop();
            if (stopped.loop.isCurrentThread()) {
                // The route stops itself: nobody may wait for the exchange that does it.
                executors().shutdown(stopped.thread);
            } else {
                executors().shutdownGraceful(stopped.thread);
            }
        }
        super.doStop();
    }

    /** Holds the next change back until {@link #doResume()}; the watch keeps its place. */
    @Override
    protected void doSuspend() {
        Running now = running;
        if (now != null) {
            now.loop.suspend();
        }
    }

    @Override
    protected void doResume() {
        Running now = running;
        if (now != null) {
            now.loop.resume();
        }
    }

    /** False: on shutdown the flow of changes stops at once, and only the exchange under way is waited for. */
    @Override
    public boolean deferShutdown(ShutdownRunningTask task) {
        return false;
    }

    /** 1 from the moment a change is taken up until its exchange has ended. */
    @Override
    public int getPendingExchangesSize() {
        Running now = running;
        return now != null && now.loop.isDelivering() ? 1 : 0;
    }

    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        // Suspension before, and stop after, do all there is to do.
    }

    private void deliver(KvEntry entry, boolean initial) {
        Exchange exchange = createExchange(false);
        try {
            EntryMapper.map(entry, initial, options.metaOnly(), exchange.getMessage());
            try {
                getProcessor().process(exchange);
            } catch (Exception e) {
                exchange.setException(e);
            }
            if (exchange.getException() != null) {
                getExceptionHandler()
                        .handleException(
                                "Change of key \"" + entry.key() + "\" in bucket \"" + entry.bucket()
                                        + "\" at revision " + entry.revision() + " was not processed",
                                exchange,
                                exchange.getException());
            }
        } finally {
            releaseExchange(exchange, false);
        }
    }

    private ExecutorServiceManager executors() {
        return endpoint.getCamelContext().getExecutorServiceManager();
    }
}
