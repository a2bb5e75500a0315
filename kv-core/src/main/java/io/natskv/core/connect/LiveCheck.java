package io.natskv.core.connect;

import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.error.PermissionException;
import io.natskv.core.error.TlsException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * Tries the settings of a connector on the live server, and puts what it finds on the setting that has to change. Bounded in time,
 * because Connect's REST API waits for it. What it says about an unreachable address is kept general: the REST API must not be a port
 * scanner.
 */
public final class LiveCheck {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final Duration STEP = Duration.ofMillis(1_500);

    private LiveCheck() {}

    /**
     * @param setting the setting to change
     * @param message what is wrong
     */
    public record Finding(String setting, String message) {}

    /**
     * Connects and looks at the buckets.
     *
     * @param settings a connector's settings without errors in the connection's
     * @param buckets buckets that must be there
     * @param bucketSetting the setting to change if one is not
     */
    public static List<Finding> run(Map<String, String> settings, Collection<String> buckets, String bucketSetting) {
        NatsConnectionConfig config = ConnectionSettings.builder(settings, "validate")
                .connectTimeout(STEP)
                .requestTimeout(STEP)
                .maxReconnects(0)
                .build();
        CompletableFuture<List<Finding>> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(check(config, settings, buckets, bucketSetting));
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
            return List.of(unreachable(config));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } catch (ExecutionException e) {
            return List.of(new Finding(ConnectionSettings.SERVERS, "Unexpected error: " + e.getCause()));
        }
    }

    private static List<Finding> check(
            NatsConnectionConfig config, Map<String, String> settings, Collection<String> buckets, String setting) {
        BlockingQueue<KvErrors.Violation> violations = new LinkedBlockingQueue<>();
        try (KvConnection connection = KvConnection.open(config)) {
            connection.onViolation(violations::add);
            try {
                connection.api().serverLevel().join();
            } catch (RuntimeException e) {
                return List.of(jetStreamFinding(KvErrors.translate(e, "JetStream account info"), settings, violations));
            }
            return buckets.stream()
                    .flatMap(bucket -> bucketFinding(connection, bucket, setting, settings, violations))
                    .toList();
        } catch (KvException e) {
            return List.of(connectFinding(e, config, settings));
        }
    }

    private static Finding connectFinding(
            KvException error, NatsConnectionConfig config, Map<String, String> settings) {
        if (error instanceof TlsException) {
            return new Finding(tlsSetting(settings), error.getMessage());
        }
        if (error.errorClass() == ErrorClass.FATAL) {
            return new Finding(ConnectionSettings.authenticationSetting(settings), error.getMessage());
        }
        return unreachable(config);
    }

    private static Finding unreachable(NatsConnectionConfig config) {
        return new Finding(
                ConnectionSettings.SERVERS,
                "Can't connect to NATS at " + config.displayServers()
                        + ": check address, port and TLS, and that the Connect worker may reach it");
    }

    private static Finding jetStreamFinding(
            KvException error, Map<String, String> settings, BlockingQueue<KvErrors.Violation> violations) {
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

    private static Stream<Finding> bucketFinding(
            KvConnection connection,
            String bucket,
            String setting,
            Map<String, String> settings,
            BlockingQueue<KvErrors.Violation> violations) {
        try {
            new KvBuckets(connection).open(bucket);
            return Stream.empty();
        } catch (KvException e) {
            KvErrors.Violation violation = violations.poll();
            if (violation != null || e instanceof PermissionException) {
                return Stream.of(new Finding(
                        ConnectionSettings.authenticationSetting(settings),
                        (violation == null ? e : violation.toException()).getMessage()));
            }
            return Stream.of(new Finding(setting, e.getMessage()));
        }
    }

    private static String tlsSetting(Map<String, String> settings) {
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
