package io.natskv.soak;

import io.nats.client.Connection;
import io.natskv.soak.FaultPlan.Fault;
import io.natskv.soak.Pipelines.Form;
import io.natskv.soak.model.Findings;
import io.natskv.soak.model.Violation;
import io.natskv.soak.model.Violation.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One run: rounds of traffic with faults, each ended by a quiet point. */
final class Session {
    private final Options options;
    private final Path pluginZip;
    private final Journal journal;
    private final Findings findings = new Findings();
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
        try (Stack stack = new Stack(pluginZip)) {
            try {
                rounds(stack, threads);
            } catch (RuntimeException | ExecutionException e) {
                findings.add(
                        Kind.STUCK,
                        "soak",
                        e + " at "
                                + List.of(e.getStackTrace()).stream().limit(8).toList());
            }
            journal.plain(new Verdict(happened, changes, options.seed()).line(findings));
            if (!findings.isEmpty()) {
                tell(kept);
                stack.kill();
                stack.keep(kept);
            }
        } finally {
            threads.shutdownNow();
        }
        return findings.isEmpty();
    }

    private void rounds(Stack stack, ExecutorService threads) throws Exception {
        journal.line("servers, broker and workers run");
        Pipelines pipelines = new Pipelines(stack);
        pipelines.createTopics();
        Connection connection = stack.connect();
        List<AutoCloseable> readers = new ArrayList<>();
        List<RawBucket> buckets = new ArrayList<>();
        try {
            RawBucket bucket = new RawBucket(connection, Pipelines.ORIGIN);
            Origin origin = new Origin(bucket, options.seed(), options.rate());
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
            Supervision supervision = new Supervision(pipelines, journal);
            QuietPoint quiet = new QuietPoint(origin, mirrors, camel, pipelines, supervision, journal);
            Faults faults = new Faults(stack, pipelines, origin, buckets, camel);
            FaultPlan plan = new FaultPlan(options.seed(), options.faults());
            long end = System.nanoTime() + Duration.ofMinutes(options.minutes()).toNanos();
            for (int round = 1; findings.isEmpty() && (round <= options.rounds() || System.nanoTime() < end); round++) {
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
                stack.heal();
                String seen = quiet.check(findings);
                changes = origin.history().size();
                journal.line("quiet point " + round + ": " + seen + "; " + happened + " faults, "
                        + supervision.restarts() + " restarts of tasks");
            }
        } finally {
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

    private void tell(Path kept) throws IOException {
        Files.createDirectories(kept);
        for (Violation violation : findings.first()) {
            journal.plain("  " + violation);
        }
        journal.plain("again: " + options.replay());
        journal.plain("logs, data and this journal: " + kept);
    }
}
