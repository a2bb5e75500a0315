package io.natskv.quickstart;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvServerException;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.quickstart.MirrorModel.Snapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One run: servers, buckets, connectors, traffic, view, and the comparison at the end. */
final class Session {
    private static final Duration TERMINAL_INTERVAL = Duration.ofMillis(250);
    private static final Duration LINE_INTERVAL = Duration.ofSeconds(2);
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(2);
    /** The mirror is given up when nothing has moved for so long; a connector that came to grief needs less. */
    private static final Duration IDLE_BOUND = Duration.ofSeconds(30);

    private static final Duration READ_BOUND = Duration.ofSeconds(60);

    private final Options options;
    private final Path pluginZip;
    private final Output output;
    private final Cleanup cleanup;

    Session(Options options, Path pluginZip, Output output, Cleanup cleanup) {
        this.options = options;
        this.pluginZip = pluginZip;
        this.output = output;
        this.cleanup = cleanup;
    }

    /**
     * Runs until the comparison, with {@code --once}, or until the process is interrupted.
     *
     * @return whether all three sides were the same
     */
    boolean run() {
        Services services = Services.start(options, pluginZip, output, cleanup);
        KvBuckets buckets = new KvBuckets(services.connection());
        KvBucket source = create(buckets, options.bucket(), services.leftovers());
        KvBucket copy = create(buckets, options.copy(), services.leftovers());

        Map<String, ObjectNode> data = Seeder.data();
        KvWriter writer = cleanup.add(source.writer(WriterOptions.DEFAULT));
        output.step(
                "Filling bucket " + options.bucket() + " with " + data.size() + " currencies, countries and time zones",
                () -> fill(writer, data));
        // The source makes the topic. Another program may have done so since the first look: that one would not be ours
        // to delete.
        Preconditions.checkKafka(services.bootstrap(), options);
        services.leftovers().topicMade(options.topic());
        Pipeline pipeline = new Pipeline(services.worker().rest(), options, services.nats());
        output.step("Starting the connectors " + Pipeline.SOURCE + " and " + Pipeline.SINK, () -> {
            pipeline.start();
            return true;
        });

        MirrorModel model = new MirrorModel(System::nanoTime);
        Feeds feeds = cleanup.add(new Feeds(source, services.bootstrap(), options.topic(), copy, model));
        output.line("");
        LookAround.lines(options, services).forEach(output::line);
        output.line("");
        output.line("Changing bucket " + options.bucket() + " " + options.rate() + " times a second, seed "
                + options.seed() + (options.once() ? ", " + options.changes() + " times" : ". Ctrl-C ends it."));
        output.line("");

        long start = System.nanoTime();
        Traffic traffic = cleanup.add(new Traffic(
                writer,
                new ChangeGenerator(options.seed(), data),
                options.once() ? options.changes() : Long.MAX_VALUE,
                options.rate()));
        show(model, start, pipeline, feeds, traffic);
        double seconds = (System.nanoTime() - start) / 1e9;

        String server = services.nats().displayServers();
        Map<String, KeyState> sourceStates = BucketReader.read(source, server, READ_BOUND);
        Map<String, KeyState> copyStates = BucketReader.read(copy, server, READ_BOUND);
        try (TopicReader reader = new TopicReader(services.bootstrap(), options.topic())) {
            TopicReader.Contents topic = reader.readToEnd();
            Comparison comparison = Comparison.of(sourceStates, topic.states(), copyStates);
            output.line("");
            comparison.report(traffic.acknowledged(), topic.records(), seconds).forEach(output::line);
            return comparison.same();
        }
    }

    /** Draws the view until all changes are in the second bucket, or nothing moves any more. */
    private void show(MirrorModel model, long start, Pipeline pipeline, Feeds feeds, Traffic traffic) {
        LiveView view = new LiveView(options.bucket(), options.topic(), options.copy());
        Duration interval = output.terminal() ? TERMINAL_INTERVAL : LINE_INTERVAL;
        long nextCheck = start;
        boolean end = false;
        while (!end) {
            end = traffic.done() && model.mirroredUpTo(traffic.lastRevision());
            feeds.check();
            traffic.check();
            if (System.nanoTime() - nextCheck > 0) {
                pipeline.check();
                nextCheck = System.nanoTime() + CHECK_INTERVAL.toNanos();
            }
            Snapshot now = model.snapshot();
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            if (output.terminal()) {
                output.draw(view.block(now, elapsed, output.width()));
            } else {
                output.line(view.line(now, elapsed));
            }
            if (traffic.done() && model.idleNanos() > IDLE_BOUND.toNanos()) {
                output.line("Nothing has moved for " + IDLE_BOUND.toSeconds() + " s: comparing what is there.");
                return;
            }
            if (!end) {
                LockSupport.parkNanos(interval.toNanos());
            }
        }
    }

    /**
     * Creates a bucket that must not be there, and has it removed at the end.
     *
     * @throws UserProblem if it is there; it is not touched
     */
    static KvBucket create(KvBuckets buckets, String name, Leftovers leftovers) {
        // A bucket of the same settings would be opened, not created: no other has this description.
        BucketConfig config = BucketConfig.builder(name)
                .description("NATS KV quickstart, run " + UUID.randomUUID())
                .build();
        try {
            KvBucket bucket = buckets.create(config);
            leftovers.bucketMade(name);
            return bucket;
        } catch (KvServerException e) {
            if (e.code() != KvErrors.STREAM_EXISTS) {
                throw e;
            }
            throw new UserProblem(
                    "Another program has made a bucket \"" + name
                            + "\" just now. Choose another name with --bucket NAME.",
                    e);
        }
    }

    private static boolean fill(KvWriter writer, Map<String, ObjectNode> data) {
        List<CompletableFuture<?>> writes = data.entrySet().stream()
                .<CompletableFuture<?>>map(
                        entry -> writer.submit(KvWrite.put(entry.getKey(), Seeder.bytes(entry.getValue()))))
                .toList();
        CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new))
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        return true;
    }
}
