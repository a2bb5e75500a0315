package io.natskv.core.connect;

import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.PermissionException;
import io.natskv.core.error.TlsException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Tries the settings of a connector on the live server, and puts what it finds on the setting that has to change. Bounded in time,
 * because Connect's REST API waits for it. What it says about an unreachable address is kept general: the REST API must not be a port
 * scanner.
 */
public final class LiveCheck {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Probe NO_PROBE = (opened, findings) -> {};
    private static final Duration STEP = Duration.ofMillis(1_500);

    private final NatsConnectionConfig config;
    private final Map<String, String> settings;
    private final Buckets buckets;
    private final Map<String, String> unfit = new ConcurrentHashMap<>();
    private final Probe probe;
    private final Queue<Finding> probed = new ConcurrentLinkedQueue<>();
    private final Queue<KvErrors.Violation> violations = new ConcurrentLinkedQueue<>();
    private volatile boolean connected;
    private volatile Map<String, CompletableFuture<KvBucket>> openings;

    private LiveCheck(NatsConnectionConfig config, Map<String, String> settings, Buckets buckets, Probe probe) {
        this.config = config;
        this.settings = settings;
        this.buckets = buckets;
        this.probe = probe;
    }

    /**
     * The buckets to look at.
     *
     * @param names of them
     * @param setting the setting to change if one is not there
     * @param mayBeMissing true if that is no error
     * @param further another look at one that is there: fails if the bucket can't be used as the settings say; what is only passing trouble
     *     makes no finding
     * @param furtherSetting the setting to change then
     */
    public record Buckets(
            Collection<String> names,
            String setting,
            boolean mayBeMissing,
            BiFunction<KvConnection, String, CompletableFuture<Void>> further,
            String furtherSetting) {}

    /**
     * @param setting the setting to change
     * @param message what is wrong
     */
    public record Finding(String setting, String message) {}

    /** What else a connector tries on the buckets that are there. */
    @FunctionalInterface
    public interface Probe {
        /**
         * Looks at the buckets. What it has told when time is up counts.
         *
         * @param buckets those that could be opened
         * @param findings takes what is wrong, at once
         */
        void run(List<KvBucket> buckets, Consumer<Finding> findings);
    }

    /**
     * Connects and looks at the buckets.
     *
     * @param settings a connector's settings without errors in the connection's
     * @param buckets buckets that must be there
     * @param bucketSetting the setting to change if one is not
     */
    public static List<Finding> run(Map<String, String> settings, Collection<String> buckets, String bucketSetting) {
        return run(settings, buckets, bucketSetting, NO_PROBE);
    }

    /** {@link #run(Map, Collection, String)} with more to say about each bucket. */
    public static List<Finding> run(Map<String, String> settings, Buckets buckets) {
        return run(settings, buckets, NO_PROBE);
    }

    /**
     * Connects, looks at the buckets, and tries with them what the connector will do.
     *
     * @param settings a connector's settings without errors in the connection's
     * @param buckets buckets that must be there
     * @param bucketSetting the setting to change if one is not
     */
    public static List<Finding> run(
            Map<String, String> settings, Collection<String> buckets, String bucketSetting, Probe probe) {
        return run(
                settings,
                new Buckets(
                        buckets,
                        bucketSetting,
                        false,
                        (connection, bucket) -> CompletableFuture.completedFuture(null),
                        bucketSetting),
                probe);
    }

    private static List<Finding> run(Map<String, String> settings, Buckets buckets, Probe probe) {
        NatsConnectionConfig config = ConnectionSettings.builder(settings, "validate")
                .connectTimeout(STEP)
                .requestTimeout(STEP)
                .maxReconnects(0)
                .build();
        return new LiveCheck(config, settings, buckets, probe).run();
    }

    private List<Finding> run() {
        CompletableFuture<List<Finding>> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(check());
                    } catch (RuntimeException | Error e) {
                        result.completeExceptionally(e);
                    }
                },
                "nats-kv-validate");
        thread.setDaemon(true);
        thread.start();
        try {
            return result.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return outOfTime();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } catch (ExecutionException e) {
            return List.of(new Finding(ConnectionSettings.SERVERS, "Unexpected error: " + e.getCause()));
        }
    }

    private List<Finding> check() {
        try (KvConnection connection = KvConnection.open(config)) {
            connection.onViolation(violations::add);
            connected = true;
            try {
                connection.api().serverLevel().join();
            } catch (RuntimeException e) {
                return List.of(jetStreamFinding(KvErrors.translate(e, "JetStream account info")));
            }
            KvBuckets opener = new KvBuckets(connection);
            // All at once: each answer may take as long as a step.
            Map<String, CompletableFuture<KvBucket>> all = new LinkedHashMap<>();
            buckets.names()
                    .forEach(bucket ->
                            all.put(bucket, opener.openAsync(bucket).thenCompose(opened -> look(connection, opened))));
            openings = all;
            List<Finding> found = all.entrySet().stream()
                    .flatMap(opening -> bucketFinding(opening.getKey(), opening.getValue()))
                    .toList();
            probe.run(opened(all.values()), probed::add);
            return Stream.concat(found.stream(), probed.stream()).toList();
        } catch (KvException e) {
            return List.of(connectFinding(e));
        }
    }

    private CompletableFuture<KvBucket> look(KvConnection connection, KvBucket bucket) {
        return buckets.further().apply(connection, bucket.name()).handle((ok, error) -> {
            KvException failure =
                    error == null ? null : KvErrors.translate(error, "look at bucket \"" + bucket.name() + "\"");
            if (failure != null && failure.errorClass() != ErrorClass.TRANSIENT) {
                unfit.put(bucket.name(), failure.getMessage());
            }
            return bucket;
        });
    }

    private List<Finding> outOfTime() {
        Map<String, CompletableFuture<KvBucket>> started = openings;
        if (started == null) {
            return List.of(
                    connected
                            ? new Finding(ConnectionSettings.SERVERS, "Connected, but JetStream gave no answer in time")
                            : unreachable());
        }
        Stream<Finding> found = started.entrySet().stream()
                .flatMap(opening -> opening.getValue().isDone()
                        ? bucketFinding(opening.getKey(), opening.getValue())
                        : Stream.of(noAnswer(opening.getKey())));
        return Stream.concat(found, probed.stream()).toList();
    }

    private static List<KvBucket> opened(Collection<CompletableFuture<KvBucket>> openings) {
        return openings.stream()
                .filter(opening -> !opening.isCompletedExceptionally())
                .map(CompletableFuture::join)
                .toList();
    }

    private Finding connectFinding(KvException error) {
        if (error instanceof TlsException) {
            return new Finding(tlsSetting(), error.getMessage());
        }
        if (error.errorClass() == ErrorClass.FATAL) {
            return new Finding(ConnectionSettings.authenticationSetting(settings), error.getMessage());
        }
        return unreachable();
    }

    private Finding unreachable() {
        return new Finding(
                ConnectionSettings.SERVERS,
                "Can't connect to NATS at " + config.displayServers()
                        + ": check address, port and TLS, and that the Connect worker may reach it");
    }

    private Finding jetStreamFinding(KvException error) {
        KvErrors.Violation violation = violations.poll();
        if (violation != null) {
            return new Finding(
                    ConnectionSettings.authenticationSetting(settings),
                    violation.toException().getMessage());
        }
        boolean domain = ConnectionSettings.usesDomain(settings);
        return new Finding(
                domain ? ConnectionSettings.JETSTREAM_DOMAIN : ConnectionSettings.SERVERS,
                "JetStream does not answer: enable it on the server and for the account, or check "
                        + ConnectionSettings.JETSTREAM_DOMAIN + " (" + error.getMessage() + ")");
    }

    private Stream<Finding> bucketFinding(String bucket, CompletableFuture<KvBucket> opening) {
        try {
            opening.join();
            return Optional.ofNullable(unfit.get(bucket))
                    .map(reason -> new Finding(buckets.furtherSetting(), reason))
                    .stream();
        } catch (CompletionException e) {
            KvException error = KvErrors.translate(e, "open bucket \"" + bucket + "\"");
            if (buckets.mayBeMissing() && error instanceof BucketNotFoundException) {
                return Stream.empty();
            }
            Optional<KvErrors.Violation> violation = violations.stream()
                    .filter(refused -> refused.subject().endsWith("." + BucketSubjects.streamOf(bucket)))
                    .findFirst();
            if (violation.isPresent() || error instanceof PermissionException) {
                return Stream.of(new Finding(
                        ConnectionSettings.authenticationSetting(settings),
                        violation
                                .<KvException>map(KvErrors.Violation::toException)
                                .orElse(error)
                                .getMessage()));
            }
            return Stream.of(
                    error.getCause() instanceof TimeoutException || error.getCause() instanceof CancellationException
                            ? noAnswer(bucket)
                            : new Finding(buckets.setting(), error.getMessage()));
        }
    }

    private Finding noAnswer(String bucket) {
        return new Finding(
                buckets.setting(),
                "No answer in time about bucket \"" + bucket + "\": try again, or look at its stream "
                        + BucketSubjects.streamOf(bucket) + " on the servers");
    }

    private String tlsSetting() {
        return Stream.of(
                        ConnectionSettings.TLS_TRUSTSTORE_LOCATION,
                        ConnectionSettings.TLS_TRUSTED_CERTIFICATES,
                        ConnectionSettings.TLS_KEYSTORE_LOCATION,
                        ConnectionSettings.TLS_CERTIFICATE_CHAIN)
                .filter(name -> GivenSettings.isSet(settings, name))
                .findFirst()
                .orElse(ConnectionSettings.TLS_TRUSTSTORE_LOCATION);
    }
}
