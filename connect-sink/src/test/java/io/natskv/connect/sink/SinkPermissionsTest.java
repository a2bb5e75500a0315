package io.natskv.connect.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.connect.sink.config.BucketSettings;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.nats.NatsServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A user with the permissions that the documentation names, and no others; and with one of them missing. */
class SinkPermissionsTest {
    private static final String BUCKET = "orders";
    private static final TopicPartition PARTITION = new TopicPartition(BUCKET, 0);
    private static final String INFO = "$JS.API.STREAM.INFO.KV_orders";
    private static final String LEADER = "$JS.API.STREAM.MSG.GET.KV_orders";
    private static final List<String> AT_LEAST_ONCE = List.of("$KV.orders.>", "$JS.API.INFO", INFO, LEADER);

    private static NatsServer server;
    private static KvConnection admin;

    @BeforeAll
    static void start() {
        List<String> exactlyOnce = with(AT_LEAST_ONCE, "$KV.orders=o.>", "$JS.API.STREAM.UPDATE.KV_orders");
        String users = String.join(
                "\n",
                user("at_least_once", AT_LEAST_ONCE),
                user("creating", with(AT_LEAST_ONCE, "$JS.API.STREAM.CREATE.KV_orders")),
                user("exactly_once", exactlyOnce),
                user("no-writes", without(AT_LEAST_ONCE, "$KV.orders.>")),
                user("no-leader", without(AT_LEAST_ONCE, LEADER)),
                user("no-offsets", without(exactlyOnce, "$KV.orders=o.>")),
                user("no-room", without(exactlyOnce, "$JS.API.STREAM.UPDATE.KV_orders")));
        server = NatsServer.builder()
                .config("accounts { A { jetstream: enabled, users: [ {user: admin, password: a}\n" + users + " ] } }")
                .clientOptions(options -> options.userInfo("admin", "a"))
                .start();
        admin = KvConnection.open(NatsConnectionConfig.of(server.url().replace("nats://", "nats://admin:a@")));
    }

    @AfterAll
    static void stop() {
        admin.close();
        server.close();
    }

    @Test
    void whatTheDocumentationNamesIsEnough() {
        for (String user : List.of("at_least_once", "exactly_once", "creating")) {
            Map<String, String> settings = settings(user);
            if (user.equals("creating")) {
                settings.put(BucketSettings.CREATE, "true");
            } else {
                new KvBuckets(admin).create(BucketConfig.of(BUCKET));
            }
            assertThat(errors(settings)).as(user).isEmpty();
            // The second task does not know the revisions that the first one has left, and asks the leader.
            for (String value : List.of("1", "2")) {
                try (SinkTaskHarness sink = SinkTaskHarness.start(settings, false, PARTITION)) {
                    sink.append(PARTITION, "a", value);
                    sink.append(PARTITION, "a", null);
                    sink.append(PARTITION, "a", value);
                    sink.untilCommitted();
                }
            }
            assertThat(new KvBuckets(admin).open(BUCKET).get("a")).as(user).isNotNull();
            new KvBuckets(admin).delete(BUCKET);
        }
    }

    @Test
    void whatIsMissingIsToldByNameAndNothingIsWritten() {
        new KvBuckets(admin).create(BucketConfig.of(BUCKET));
        assertThat(errors(settings("no-leader"))).containsValue(refused(LEADER));
        assertThat(errors(settings("no-offsets")))
                .hasEntrySatisfying(
                        SinkConfig.DELIVERY,
                        text -> assertThat(text).contains("No permission to publish to subject \"$KV.orders=o."));
        // Which keys it will write is not known: a warning in the log.
        assertThat(errors(settings("no-writes"))).isEmpty();
        assertThat(admin.api()
                        .streamInfo("KV_" + BUCKET)
                        .join()
                        .getStreamState()
                        .getLastSequence())
                .isZero();
        assertFails("no-writes", refused("$KV.orders.a"));
        assertFails("no-leader", refused(LEADER));
        assertFails("no-offsets", "No permission to publish to subject \"$KV.orders=o.");
        new KvBuckets(admin).delete(BUCKET);
        new KvBuckets(admin).create(BucketConfig.of(BUCKET));
        assertFails("no-room", "nats stream edit KV_orders --subjects '$KV.orders.>,$KV.orders=o.>' --allow-batch");
        new KvBuckets(admin).delete(BUCKET);
    }

    private static void assertFails(String user, String message) {
        new KvBuckets(admin).open(BUCKET).put("a", new byte[0]);
        try (SinkTaskHarness sink = SinkTaskHarness.start(settings(user), false, PARTITION)) {
            sink.append(PARTITION, "a", "1");
            assertThatThrownBy(sink::untilCommitted)
                    .as(user)
                    .isInstanceOf(ConnectException.class)
                    .hasMessageContaining(message);
        }
    }

    private static String refused(String subject) {
        return "No permission to publish to subject \"" + subject + "\": grant it to the NATS user";
    }

    private static String user(String name, List<String> publish) {
        return "{user: " + name + ", password: p, permissions: {publish: ["
                + publish.stream().map(subject -> '"' + subject + '"').collect(Collectors.joining(", "))
                + "], subscribe: \"_INBOX.>\"}}";
    }

    private static List<String> with(List<String> permissions, String... more) {
        List<String> all = new ArrayList<>(permissions);
        all.addAll(List.of(more));
        return all;
    }

    private static List<String> without(List<String> permissions, String gone) {
        return permissions.stream()
                .filter(permission -> !permission.equals(gone))
                .toList();
    }

    private static Map<String, String> errors(Map<String, String> settings) {
        Map<String, String> validated = new HashMap<>(settings);
        validated.put("connector.class", NatsKvSinkConnector.class.getName());
        validated.put("topics", BUCKET);
        Map<String, String> errors = new HashMap<>();
        new NatsKvSinkConnector()
                .validate(validated)
                .configValues()
                .forEach(value -> value.errorMessages().forEach(message -> errors.put(value.name(), message)));
        return errors;
    }

    private static Map<String, String> settings(String user) {
        Map<String, String> settings = new HashMap<>();
        settings.put("name", "permissions");
        settings.put("nats.servers", server.url());
        settings.put("nats.username", user);
        settings.put("nats.password", "p");
        settings.put(SinkConfig.BUCKET_TEMPLATE, BUCKET);
        boolean exactlyOnce = List.of("exactly_once", "no-offsets", "no-room").contains(user);
        settings.put(SinkConfig.DELIVERY, exactlyOnce ? "exactly_once" : "at_least_once");
        return settings;
    }
}
