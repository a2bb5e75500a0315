package io.natskv.soak;

import io.nats.client.api.StreamInfo;
import io.natskv.soak.FaultPlan.Fault;
import io.natskv.soak.Pipelines.Part;
import io.natskv.testing.kafka.ConnectWorker;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.TcpProxy;
import io.natskv.testing.process.Wait;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Makes faults happen, and ends them. */
final class Faults {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final long ROOM = 20_000;
    /** Until so many bytes have come, at the usual rate. */
    private static final Duration UNTIL_FULL = Duration.ofSeconds(2);

    private final Stack stack;
    private final Pipelines pipelines;
    private final Origin origin;
    private final List<RawBucket> buckets;
    private final CamelProcess camel;

    /** @param buckets the origin and both copies */
    Faults(Stack stack, Pipelines pipelines, Origin origin, List<RawBucket> buckets, CamelProcess camel) {
        this.stack = stack;
        this.pipelines = pipelines;
        this.origin = origin;
        this.buckets = buckets;
        this.camel = camel;
    }

    /**
     * Makes a fault happen, and returns when it is over; what was disturbed may need longer.
     *
     * @return what it befell
     */
    String happen(Fault fault) throws Exception {
        return switch (fault.kind()) {
            case NATS_KILLED -> killed(fault, node(fault));
            case LEADER_KILLED -> killed(fault, leader(fault));
            case ALL_NATS_KILLED -> {
                stack.nats().nodes().forEach(NatsServer::kill);
                stack.nats().nodes().forEach(NatsServer::restart);
                yield "all servers";
            }
            case NATS_FROZEN -> frozen(fault, node(fault));
            case LEADER_FROZEN -> frozen(fault, leader(fault));
            case NATS_RESTARTED -> {
                NatsServer node = node(fault);
                node.restart();
                yield node.name();
            }
            case LEADER_STEPPED_DOWN -> {
                String stream = bucket(fault).streamName();
                stack.nats().stepDown(stream);
                yield stream;
            }
            case LINKS_CUT -> links("cut", TcpProxy::cut);
            case LINKS_RESET -> links("reset", TcpProxy::reset);
            case LINKS_HALF_OPEN -> links(fault, TcpProxy::halfOpen);
            case LINKS_STALLED -> links(fault, TcpProxy::stall);
            case LINKS_DELAYED -> links(fault, proxy -> proxy.delay(Duration.ofMillis(20 + fault.among(480))));
            case WORKER_KILLED, WORKER_RESTARTED, WORKER_FROZEN, WORKER_REPLACED -> worker(fault);
            case TASK_RESTARTED, TASKS_MAX_CHANGED -> tasks(fault);
            case BROKER_KILLED, BROKER_RESTARTED, BROKER_FROZEN -> broker(fault);
            case CAMEL_KILLED, CAMEL_RESTARTED, CAMEL_FROZEN -> camel(fault);
            case CONSUMERS_DELETED -> origin.deleteConsumers() + " consumers";
            case BUCKET_FULL -> full(fault);
            case MARKERS_PURGED -> {
                // Before they are read: nobody gets anything meanwhile.
                stack.proxies().forEach(TcpProxy::stall);
                try {
                    hold(fault);
                    yield origin.purgeMarkers() + " markers";
                } finally {
                    stack.proxies().forEach(TcpProxy::heal);
                }
            }
            case BUCKET_MADE_ANEW -> origin.makeAnew();
        };
    }

    private RawBucket bucket(Fault fault) {
        return buckets.get(fault.among(buckets.size()));
    }

    private NatsServer node(Fault fault) {
        return stack.nats().node(fault.among(stack.nats().nodes().size()));
    }

    private NatsServer leader(Fault fault) {
        return stack.nats().leaderOf(bucket(fault).streamName());
    }

    private static String killed(Fault fault, NatsServer node) throws InterruptedException {
        node.kill();
        hold(fault);
        node.restart();
        return node.name();
    }

    private static String frozen(Fault fault, NatsServer node) throws InterruptedException {
        node.pause();
        hold(fault);
        node.resume();
        return node.name();
    }

    private String links(String what, java.util.function.Consumer<TcpProxy> action) {
        stack.proxies().forEach(action);
        return what;
    }

    private String links(Fault fault, java.util.function.Consumer<TcpProxy> action) throws InterruptedException {
        stack.proxies().forEach(action);
        hold(fault);
        stack.proxies().forEach(TcpProxy::heal);
        return "all links";
    }

    private String worker(Fault fault) throws InterruptedException {
        int number = fault.among(stack.workers());
        ConnectWorker worker = stack.worker(number);
        switch (fault.kind()) {
            case WORKER_KILLED -> {
                worker.kill();
                hold(fault);
                worker.restart();
            }
            case WORKER_RESTARTED -> worker.restart();
            case WORKER_FROZEN -> {
                worker.pause();
                // Longer than its session: its tasks go to the other one, and it wakes as one too many.
                hold(fault.hold().plusSeconds(number < Stack.WORKERS ? 6 : 0));
                worker.resume();
            }
            default -> stack.replaceWorker(number);
        }
        return "worker " + number + (number < Stack.WORKERS ? "" : " (at least once)");
    }

    private String tasks(Fault fault) {
        List<Part> parts = Pipelines.parts();
        Part part = parts.get(fault.among(parts.size()));
        int number = fault.choice() / parts.size();
        if (fault.kind() == FaultKind.TASKS_MAX_CHANGED) {
            int tasks = 1 + number % Pipelines.PARTITIONS;
            attempt("change of tasks.max", () -> {
                pipelines.tasks(part, tasks);
                return true;
            });
            return part.connector() + " to " + tasks;
        }
        Optional<Integer> task = number % 3 == 0 ? Optional.empty() : Optional.of(0);
        attempt("restart of a task", () -> {
            pipelines.restart(part, task);
            return true;
        });
        return part.connector() + task.map(t -> " task " + t).orElse("");
    }

    private String broker(Fault fault) throws InterruptedException {
        KafkaBroker broker = stack.broker();
        switch (fault.kind()) {
            case BROKER_KILLED -> {
                broker.kill();
                hold(fault);
                broker.restart();
            }
            case BROKER_RESTARTED -> broker.restart();
            default -> {
                broker.pause();
                hold(fault);
                broker.resume();
            }
        }
        return "the broker";
    }

    private String camel(Fault fault) throws InterruptedException {
        switch (fault.kind()) {
            case CAMEL_KILLED -> {
                camel.kill();
                camel.start();
            }
            case CAMEL_RESTARTED -> {
                camel.stop();
                camel.start();
            }
            default -> {
                camel.pause();
                hold(fault);
                camel.resume();
            }
        }
        return "the Camel consumer";
    }

    private String full(Fault fault) throws Exception {
        RawBucket bucket = bucket(fault);
        int before = origin.traffic().full();
        attempt("limit of a bucket's size", () -> {
            bucket.limit(bucket.info().getStreamState().getByteCount() + ROOM);
            return true;
        });
        long room;
        try {
            hold(fault.hold().plus(UNTIL_FULL));
            StreamInfo info = Wait.value("a bucket that is full", SOON, bucket::info);
            room = info.getConfiguration().getMaxBytes() - info.getStreamState().getByteCount();
        } finally {
            attempt("end of a limit", () -> {
                bucket.limit(-1);
                return true;
            });
        }
        // A copy has no writer here who could tell: how far it came does.
        return bucket.name()
                + (bucket == origin.bucket()
                        ? ", " + (origin.traffic().full() - before) + " writes were refused"
                        : ", " + room + " bytes were left of " + ROOM);
    }

    private static void attempt(String what, Wait.Condition action) {
        Wait.until(what, SOON, action);
    }

    private static void hold(Fault fault) throws InterruptedException {
        hold(fault.hold());
    }

    /** Not a wait for something: how long a fault lasts is what the plan says. */
    static void hold(Duration time) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(time.toMillis());
    }
}
