package io.natskv.soak;

import io.nats.client.Connection;
import io.nats.client.Nats;
import io.natskv.soak.FaultPlan.Fault;
import io.natskv.soak.Pipelines.Form;
import io.natskv.soak.model.Findings;
import io.natskv.soak.model.History;
import io.natskv.soak.model.Violation;
import io.natskv.soak.model.Violation.Kind;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.AppInfoParser;

/** One run: rounds of traffic with faults, each ended by a quiet point. */
final class Session {
    /** System property: the commit that the suite was built of, by the start script. */
    static final String COMMIT = "natskv.soak.commit";

    private static final long LEAST_FREE_MB = 2_048;

    private final Options options;
    private final Path pluginZip;
    private final Journal journal;
    private final Findings findings = new Findings();
    private Evidence evidence;
    private int happened;
    private int changes;

    Session(Options options, Path pluginZip, Journal journal) {
        this.options = options;
        this.pluginZip = pluginZip;
        this.journal = journal;
    }

    /**
     * Runs.
     *
     * @param kept takes logs and data if something is wrong
     * @return whether all was as it must be
     */
    boolean run(Path kept) throws Exception {
        journal.line("seed " + options.seed() + "; again: " + options.replay());
        ExecutorService threads = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "fault");
            thread.setDaemon(true);
            return thread;
        });
        journal.line(surroundings());
        try (Stack stack = Stack.start(pluginZip)) {
            attempt(() -> rounds(stack, threads));
            journal.plain(new Verdict(happened, changes, options.seed()).line(findings));
            if (!findings.isEmpty()) {
                tell(kept, stack);
            }
        } catch (IOException | RuntimeException | Error e) {
            if (findings.isEmpty()) { // else that was told, and this came of keeping or closing
                failed(e);
                journal.plain(new Verdict(happened, changes, options.seed()).line(findings));
            }
            journal.plain(trace(e));
        } finally {
            threads.shutdownNow();
        }
        return findings.isEmpty();
    }

    /** What ends a run is told as what was found, whatever it is: a run without a last line would tell nothing. */
    private void attempt(Attempt attempt) {
        try {
            attempt.run();
        } catch (ExecutionException e) {
            failed(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failed(e);
        } catch (Exception | Error e) {
            failed(e);
        }
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws Exception;
    }

    private void failed(Throwable e) {
        findings.add(
                Kind.STUCK,
                "soak",
                e + " at " + Stream.of(e.getStackTrace()).limit(8).toList());
        journal.plain(trace(e));
    }

    private static String trace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text, true));
        return text.toString().strip();
    }

    /** What a run needs to be repeated besides its seed. */
    private static String surroundings() {
        return "nats-server " + Stack.VERSION.number() + ", jnats " + Nats.CLIENT_VERSION + ", Kafka "
                + AppInfoParser.getVersion() + ", Java " + System.getProperty("java.runtime.version") + ", commit "
                + System.getProperty(COMMIT, "unknown") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors, heap of "
                + (Runtime.getRuntime().maxMemory() >> 20) + " MB";
    }

    private void rounds(Stack stack, ExecutorService threads) throws Exception {
        journal.line("servers, broker and workers run");
        Pipelines pipelines = new Pipelines(stack);
        pipelines.createTopics();
        Connection connection = stack.connect();
        History history = null;
        List<AutoCloseable> readers = new ArrayList<>();
        List<RawBucket> buckets = new ArrayList<>();
        try {
            RawBucket bucket = new RawBucket(connection, Pipelines.ORIGIN);
            Origin origin = new Origin(bucket, options.seed(), options.rate());
            history = origin.history();
            readers.add(origin);
            buckets.add(bucket);
            List<Mirror> mirrors = new ArrayList<>();
            for (Form form : Pipelines.FORMS) {
                RawBucket copy = new RawBucket(stack.connect(), form.copy());
                buckets.add(copy);
                TopicLog topic = new TopicLog(
                        stack.broker().bootstrap(), form.topic(), Pipelines.PARTITIONS, form.notifications());
                Mirror mirror = new Mirror(form, topic, copy);
                mirrors.add(mirror);
                readers.add(0, mirror);
            }
            pipelines.start();
            CamelProcess camel = new CamelProcess(stack.natsServers(), bucket.name());
            stack.add(camel, camel.folder());
            camel.start();
            journal.line("connectors and Camel consumer run");
            HangingTransactions transactions =
                    new HangingTransactions(stack.broker().bootstrap(), Pipelines.transactionalTopics());
            readers.add(transactions);
            Supervision supervision = new Supervision(stack, pipelines, camel, transactions, journal);
            evidence = new Evidence(origin, mirrors);
            QuietPoint quiet = new QuietPoint(origin, mirrors, camel, pipelines, supervision, journal);
            Faults faults = new Faults(stack, pipelines, origin, buckets, camel);
            FaultPlan plan = new FaultPlan(options.seed(), options.faults());
            long end = System.nanoTime() + Duration.ofMinutes(options.minutes()).toNanos();
            for (int round = 1; findings.isEmpty() && (round <= options.rounds() || System.nanoTime() < end); round++) {
                int answered = origin.traffic().answered();
                origin.traffic().resume();
                int until = happened + options.faultsPerRound();
                do {
                    Faults.hold(Duration.ofSeconds(1));
                    if (happened < until) {
                        happen(plan.next(), faults, threads);
                    }
                    supervision.look(findings);
                } while (happened < until && findings.isEmpty());
                origin.traffic().pause();
                if (origin.traffic().answered() == answered) {
                    findings.add(Kind.STUCK, "traffic", "the bucket took no write in round " + round);
                }
                stack.heal();
                String seen = quiet.check(findings);
                journal.line("quiet point " + round + ": " + seen + "; " + happened + " faults, "
                        + supervision.restarts() + " restarts by an operator; " + used(stack));
            }
        } finally {
            changes = history == null ? 0 : history.size();
            for (AutoCloseable reader : readers) {
                reader.close();
            }
        }
    }

    private void happen(List<Fault> together, Faults faults, ExecutorService threads)
            throws InterruptedException, ExecutionException {
        List<Future<?>> running = new ArrayList<>();
        for (Fault fault : together) {
            running.add(threads.submit(() -> {
                Faults.hold(fault.pause());
                journal.line("fault " + fault.number() + " " + fault.kind().title() + " begins, for "
                        + fault.hold().toMillis() + " ms where it lasts, choice " + fault.choice());
                journal.line("fault " + fault.number() + " " + fault.kind().title() + " over: " + faults.happen(fault));
                return null;
            }));
        }
        for (Future<?> fault : running) {
            fault.get();
            happened++;
        }
    }

    /** @throws IllegalStateException if the next rounds would fail for want of room, in ways that say nothing */
    private static String used(Stack stack) throws IOException {
        long free = stack.free() >> 20;
        if (free < LEAST_FREE_MB) {
            throw new IllegalStateException("Only " + free + " MB are left on the disk of the temporary folder");
        }
        Runtime runtime = Runtime.getRuntime();
        return "heap " + (runtime.totalMemory() - runtime.freeMemory() >> 20) + " MB, data " + (stack.bytes() >> 20)
                + " MB";
    }

    private void tell(Path kept, Stack stack) throws IOException {
        Files.createDirectories(kept);
        for (Violation violation : findings.first()) {
            journal.plain("  " + violation);
        }
        journal.plain("again: " + options.replay());
        journal.plain("logs, data, what the model saw (*.tsv) and this journal: " + kept);
        stack.kill();
        stack.keep(kept).forEach(missing -> journal.plain("not kept: " + missing));
        if (evidence != null) {
            evidence.write(kept);
        }
    }
}
