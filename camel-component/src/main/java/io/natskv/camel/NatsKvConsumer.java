package io.natskv.camel;

import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchStart;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.resume.ResumeAware;
import org.apache.camel.resume.ResumeStrategy;
import org.apache.camel.spi.ExecutorServiceManager;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.spi.StateRepository;
import org.apache.camel.support.DefaultConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds a route with the changes of a bucket, in revision order; with several threads in the order of each key. Started means watching:
 * if the bucket can't be watched, the start fails.
 *
 * <p>An exchange that still fails behind the route's error handler goes to the exception handler, and the next change follows, unless
 * {@code breakOnFirstError} says otherwise.
 */
@ManagedResource(description = "Managed NATS KV consumer")
public class NatsKvConsumer extends DefaultConsumer implements Suspendable, ShutdownAware, ResumeAware<ResumeStrategy> {
    private static final Logger LOG = LoggerFactory.getLogger(NatsKvConsumer.class);

    private final NatsKvEndpoint endpoint;
    private final NatsKvConfiguration options;
    private final WatchOptions watch;
    private final String positionKey;
    private ResumeStrategy resumeStrategy;
    /** Gives the name of the position back. */
    private Runnable positionTaken = () -> {};

    private volatile Running running;

    /** What there is between start and stop. The keeper is null where no position is kept. */
    private record Running(Gate gate, ChangeLoop loop, Feed feed, PositionKeeper keeper, ExecutorService threads) {}

    NatsKvConsumer(NatsKvEndpoint endpoint, Processor processor) {
        super(endpoint, processor);
        this.endpoint = endpoint;
        this.options = endpoint.getConfiguration();
        this.watch = ConsumerOptions.watch(options);
        this.positionKey = ConsumerOptions.positionKey(endpoint.getBucket(), options);
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        Object store = resumeStrategy == null ? options.getOffsetRepository() : resumeStrategy;
        if (store != null) {
            positionTaken = endpoint.getComponent().positionKeys().take(store, positionKey);
        }
        try {
            begin();
        } catch (Exception e) {
            positionTaken.run();
            throw e;
        }
    }

    private void begin() throws Exception {
        Gate gate = new Gate();
        PositionKeeper keeper = keeper();
        ChangeLoop loop = options.getDurableName() == null
                ? WatchLoop.begin(endpoint, watch, watchStart(), gate, keeper, this::report)
                : DurableLoop.begin(endpoint, gate, this::report);
        Feed feed = new Feed(this, options, gate, keeper, resumeStrategy == null ? null : positionKey);
        ExecutorService threads = executors().newCachedThreadPool(this, "NatsKvConsumer[" + endpoint.getBucket() + "]");
        running = new Running(gate, loop, feed, keeper, threads);
        if (HealthCheckHelper.getHealthCheckRepository(endpoint.getCamelContext(), "consumers") != null) {
            NatsKvConsumerHealthCheck check = new NatsKvConsumerHealthCheck(this, getRouteId());
            check.setEnabled(endpoint.getComponent().isHealthCheckConsumerEnabled());
            setHealthCheck(check);
        }
        Intake intake = intake(feed, gate, threads);
        threads.execute(() -> {
            feed.enterThread();
            loop.run(intake);
        });
    }

    private Intake intake(Feed feed, Gate gate, ExecutorService threads) {
        int batch = ConsumerOptions.batchSize(options);
        var interval = ConsumerOptions.batchInterval(options);
        return options.getConcurrentConsumers() == 1
                ? new SequentialIntake(feed, batch, interval)
                : new ConcurrentIntake(feed, gate, threads, options.getConcurrentConsumers(), batch, interval);
    }

    /** Null where nobody keeps a position. */
    private PositionKeeper keeper() throws Exception {
        StateRepository<String, String> repository = options.getOffsetRepository();
        if (resumeStrategy != null) {
            if (repository != null || options.getDurableName() != null || options.getConcurrentConsumers() > 1) {
                throw new IllegalArgumentException(
                        "A resume strategy can't be combined with offsetRepository, durableName or concurrentConsumers;"
                                + " an offsetRepository works with concurrentConsumers");
            }
            return new PositionKeeper(
                    position -> {}, Long.MAX_VALUE / 2_000_000, false, ConsumerOptions.mostOpen(options));
        }
        if (repository == null) {
            return null;
        }
        CamelContext context = endpoint.getCamelContext();
        if (!context.hasService(repository)) {
            context.addService(repository, true, true);
        }
        Consumer<WatchPosition> store = position -> repository.setState(positionKey, PositionCodec.write(position));
        return new PositionKeeper(
                store, options.getOffsetInterval(), options.isAllowManualCommit(), ConsumerOptions.mostOpen(options));
    }

    /** Behind the position that is stored, if one is. */
    private WatchStart watchStart() throws Exception {
        Optional<String> stored = Optional.empty();
        if (resumeStrategy != null) {
            resumeStrategy.loadCache();
            NatsKvResumeAdapter adapter = resumeStrategy.getAdapter(NatsKvResumeAdapter.class);
            if (adapter != null) {
                adapter.resume();
                stored = adapter.getPosition(positionKey);
            }
        } else if (options.getOffsetRepository() != null) {
            stored = Optional.ofNullable(options.getOffsetRepository().getState(positionKey));
        }
        try {
            return stored.isEmpty() ? watch.start() : WatchStart.after(PositionCodec.read(stored.get()));
        } catch (IllegalArgumentException e) {
            LOG.warn("The stored position of {} is dropped: {}", positionKey, e.getMessage());
            return watch.start();
        }
    }

    /** Ends the flow, and waits for the exchanges under way. */
    @Override
    protected void doStop() throws Exception {
        Running stopped = running;
        running = null;
        if (stopped != null) {
            stopped.gate.stop();
            stopped.loop.stop();
            if (stopped.feed.isOwnThread()) {
                // The route stops itself: nobody may wait for the exchange that does it.
                executors().shutdown(stopped.threads);
            } else {
                executors().shutdownGraceful(stopped.threads);
            }
            positionTaken.run();
        }
        super.doStop();
    }

    /** Holds the next change back until {@link #doResume()}; the consumer keeps its place. */
    @Override
    protected void doSuspend() {
        Running now = running;
        if (now != null) {
            now.gate.suspend();
            now.loop.suspended();
            if (now.keeper != null) {
                now.keeper.storeNow();
            }
        }
    }

    @Override
    protected void doResume() {
        Running now = running;
        if (now != null) {
            now.gate.resume();
        }
    }

    /** False: on shutdown the flow of changes stops at once, and only the exchanges under way are waited for. */
    @Override
    public boolean deferShutdown(ShutdownRunningTask task) {
        return false;
    }

    /** How many exchanges are under way. */
    @Override
    public int getPendingExchangesSize() {
        Running now = running;
        return now == null ? 0 : now.gate.inside();
    }

    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        // Suspension before, and stop after, do all there is to do.
    }

    private void report(String message, Throwable cause) {
        getExceptionHandler().handleException(message, cause);
    }

    /** A position was reached: a restart within this context goes on there, whatever the resume strategy makes of it. */
    void reached(String key, String position) {
        NatsKvResumeAdapter adapter = resumeStrategy.getAdapter(NatsKvResumeAdapter.class);
        if (adapter != null) {
            adapter.setPosition(key, position);
        }
    }

    @Override
    public NatsKvEndpoint getEndpoint() {
        return endpoint;
    }

    @Override
    public void setResumeStrategy(ResumeStrategy strategy) {
        resumeStrategy = strategy;
    }

    @Override
    public ResumeStrategy getResumeStrategy() {
        return resumeStrategy;
    }

    @Override
    public String adapterFactoryService() {
        return NatsKvResumeAdapter.FACTORY;
    }

    /** Null while stopped. */
    ChangeLoop.Status status() {
        Running now = running;
        return now == null ? null : now.loop.status();
    }

    @ManagedAttribute(description = "Name of the bucket")
    public String getBucket() {
        return endpoint.getBucket();
    }

    @ManagedAttribute(description = "Filter of the keys; all if it is null")
    public String getKey() {
        return options.getKey();
    }

    @ManagedAttribute(description = "Whether changes arrive")
    public boolean isWatching() {
        ChangeLoop.Status status = status();
        return status != null && status.up();
    }

    @ManagedAttribute(description = "Revision that was processed last; 0 before the first")
    public long getLastRevision() {
        Running now = running;
        return now == null ? 0 : now.feed.lastRevision();
    }

    @ManagedAttribute(description = "Changes that were processed since the start, failed ones included")
    public long getChangeCount() {
        Running now = running;
        return now == null ? 0 : now.feed.processed();
    }

    @ManagedAttribute(description = "Exchanges that failed since the start")
    public long getFailureCount() {
        Running now = running;
        return now == null ? 0 : now.feed.failed();
    }

    @ManagedAttribute(description = "Changes that the server had still to deliver, by its last word")
    public long getPendingChanges() {
        ChangeLoop.Status status = status();
        return status == null ? 0 : status.pending();
    }

    @ManagedAttribute(description = "What kept changes from arriving, the last time that anything did")
    public String getLastProblem() {
        ChangeLoop.Status status = status();
        return status == null ? null : status.problem();
    }

    private ExecutorServiceManager executors() {
        return endpoint.getCamelContext().getExecutorServiceManager();
    }
}
