package io.natskv.core.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.PatientConnections;
import io.natskv.core.Seed;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.error.PermissionException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.watch.KvWatch;
import io.natskv.core.watch.WatchEvent;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriteResult;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.nats.NatsServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Subjects that a user may not use: told at once and by name, and no harm to what is allowed; to be run against each supported server.
 * Time-outs are far longer than what a test waits, so that none of them can pass for a refusal.
 */
abstract class PermissionContract {
    static final String CONFIG = config("");

    private static final Duration DEADLINE = Reading.DEADLINE;
    private static final Duration NEVER = Duration.ofHours(1);
    private static final WriterOptions PATIENT = WriterOptions.DEFAULT.withTimeouts(NEVER, NEVER);

    private KvConnection admin;
    private KvBuckets buckets;

    abstract NatsServer server();

    /** Which subject of the bucket "closed" a watch is refused, and the user that it is refused to. */
    private enum Missing {
        STATE("state", "$JS.API.STREAM.INFO.KV_closed"),
        CREATION("creation", "$JS.API.CONSUMER.CREATE.KV_closed."),
        PULL("pull", "$JS.API.CONSUMER.MSG.NEXT.KV_closed.");

        private final String user;
        private final String subject;

        Missing(String user, String subject) {
            this.user = user;
            this.subject = subject;
        }
    }

    /** What is taken away from the user "revoked". */
    private enum Revoked {
        WRITING("publish: { deny: [\"$KV.closed.>\", \"$JS.API.CONSUMER.MSG.NEXT.KV_closed.>\"] }"),
        ANSWERS("publish: \">\", subscribe: { deny: \"_INBOX.>\" }");

        private final String permissions;

        Revoked(String permissions) {
            this.permissions = permissions;
        }
    }

    private static String config(String revoked) {
        return """
                authorization { users: [
                  { user: admin, password: kv }
                  { user: revoked, password: kv %s }
                  { user: writer, password: kv, permissions: { publish: { deny: "$KV.*.secret.>" } } }
                  { user: state, password: kv, permissions: { publish: { deny: "$JS.API.STREAM.INFO.KV_closed" } } }
                  { user: creation, password: kv, permissions: { publish: { deny: "$JS.API.CONSUMER.CREATE.KV_closed.>" } } }
                  { user: pull, password: kv, permissions: { publish: { deny: "$JS.API.CONSUMER.MSG.NEXT.KV_closed.>" } } }
                ] }
                """.formatted(revoked);
    }

    private KvConnection connect(String user) {
        return KvConnection.open(NatsConnectionConfig.builder()
                .servers(List.of(server().url()))
                .username(user)
                .password("kv".toCharArray())
                .requestTimeout(NEVER)
                .connectTimeout(PatientConnections.CONNECT)
                .build());
    }

    @BeforeEach
    void open() {
        admin = connect("admin");
        buckets = new KvBuckets(admin);
    }

    @AfterEach
    void close() {
        admin.close();
    }

    private KvBucket create(String name) {
        return buckets.createOrUpdate(
                BucketConfig.builder(name).history(Traffic.HISTORY).build());
    }

    private static KvException failure(CompletableFuture<?> result) throws Exception {
        try {
            throw new AssertionError("" + result.get(DEADLINE.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return (KvException) e.getCause();
        }
    }

    @Test
    void aRefusedWriteFailsByNameAndOthersInFlightDoNot() throws Exception {
        long seed = Seed.next();
        KvBucket open = create("p" + UUID.randomUUID());
        String secret = "$KV." + open.name() + ".secret.";
        try (KvConnection connection = connect("writer")) {
            KvBucket bucket = new KvBuckets(connection).open(open.name());
            try (Reading reading = Reading.of(bucket, Reading.everything());
                    Traffic traffic = Traffic.of(bucket, seed, PATIENT)) {
                List<CompletableFuture<WriteResult>> refused = new ArrayList<>();
                List<CompletableFuture<WriteResult>> behind = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    refused.add(traffic.writer().submit(KvWrite.put("secret." + i, Traffic.bytes("x"))));
                    behind.add(traffic.writer().submit(KvWrite.delete("secret." + i)));
                }
                reading.awaitMore(200);
                for (int i = 0; i < refused.size(); i++) {
                    assertThat(failure(refused.get(i)))
                            .isInstanceOf(PermissionException.class)
                            .hasMessageContaining("publish to subject \"" + secret + i + "\"");
                    // Refused itself, or with the one before it, whichever was quicker.
                    KvException second = failure(behind.get(i));
                    assertThat(second.errorClass()).isEqualTo(ErrorClass.FATAL);
                    assertThat(second).hasMessageContaining("subject \"" + secret + i + "\"");
                }
                assertThat(traffic.writer().stats().failed()).isEqualTo(100);
                Map<String, List<String>> model = traffic.finish();
                Traffic.assertNothingLost(reading, bucket, model, seed);
            }
            assertThatThrownBy(() -> bucket.put("secret.1", "x"))
                    .isInstanceOf(PermissionException.class)
                    .hasMessageContaining(secret + "1");
            assertThatThrownBy(() -> bucket.delete("secret.2"))
                    .isInstanceOf(PermissionException.class)
                    .hasMessageContaining(secret + "2");
            assertThatThrownBy(() -> bucket.purge("secret.3"))
                    .isInstanceOf(PermissionException.class)
                    .hasMessageContaining(secret + "3");
        }
    }

    /** The others' heartbeats are rare, so that a machine that stalls does not pass for harm to them. */
    @ParameterizedTest
    @EnumSource
    void aRefusedWatchFailsByNameAndOthersGoOn(Missing missing) throws Exception {
        long seed = Seed.next();
        create("closed");
        KvBucket open = create("p" + UUID.randomUUID());
        WatchOptions options = Reading.everything().withHeartbeat(Duration.ofSeconds(10));
        try (KvConnection connection = connect(missing.user);
                Reading reading = Reading.of(new KvBuckets(connection).open(open.name()), options);
                Traffic traffic = Traffic.of(open, seed)) {
            reading.awaitMore(50);
            BucketSubjects closed = BucketSubjects.of("closed", "$JS.API.");
            try (KvWatch watch = new KvWatch(connection, closed, WatchOptions.DEFAULT)) {
                assertThatThrownBy(() -> readUntilItFails(watch))
                        .isInstanceOf(PermissionException.class)
                        .hasMessageContaining("publish to subject \"" + missing.subject);
            }
            reading.awaitMore(50);
            assertThat(reading.stats().recreations()).isZero();
            Traffic.assertNothingLost(reading, open, traffic.finish(), seed);
        }
    }

    private static void readUntilItFails(KvWatch watch) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (System.nanoTime() - deadline < 0) {
            WatchEvent event = watch.next(Duration.ofSeconds(1));
            assertThat(event).isNotInstanceOf(WatchEvent.Change.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsTakenAwayIsToldToWhoWorksWithIt(Revoked revoked) throws Exception {
        KvBucket closed = create("closed");
        long before = closed.put("k", "before");
        try (KvConnection connection = connect("revoked")) {
            KvBucket bucket = new KvBuckets(connection).open("closed");
            try (Reading reading = Reading.of(bucket, Reading.everything());
                    KvWriter writer = bucket.writer(PATIENT)) {
                reading.awaitRevision(before);
                writer.submit(KvWrite.put("k", Traffic.bytes("own"))).get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
                restart(config(", permissions: { " + revoked.permissions + " }"), connection);
                // The first meets the refusal under way perhaps, the next ones what is known of it.
                for (int i = 0; i < 3; i++) {
                    assertThat(failure(writer.submit(KvWrite.put("k" + i, Traffic.bytes("x")))))
                            .isInstanceOf(PermissionException.class);
                }
                assertThatThrownBy(() -> reading.await(r -> false)).hasCauseInstanceOf(PermissionException.class);
            } finally {
                restart(CONFIG, connection);
            }
            assertThat(bucket.put("k", "after")).isPositive();
        }
    }

    private void restart(String config, KvConnection connection) {
        long before = connection.reconnects();
        server().kill();
        server().reload(config);
        server().restart();
        Awaitility.await().atMost(DEADLINE).until(() -> connection.reconnects() > before);
    }
}
