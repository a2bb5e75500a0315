package io.natskv.core.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Dispatcher;
import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.LiveCheck.Finding;
import io.natskv.core.connection.KvConnection;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.nats.TcpProxy;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LiveCheckTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsServer.builder()
            .version(NatsVersion.latest())
            .clientOptions(options -> options.userInfo("admin", "admin"))
            .config("""
                    accounts {
                      APP {
                        jetstream: enabled
                        users: [
                          { user: admin, password: admin }
                          { user: poor, password: poor, permissions: {
                              publish: { deny: ["$JS.API.STREAM.INFO.KV_here"] } } }
                        ]
                      }
                      BARE { users: [ { user: bare, password: bare } ] }
                    }
                    """));

    @BeforeAll
    static void createBucket() {
        try (KvConnection connection = KvConnection.open(PatientConnections.to(NATS.url())
                .username("admin")
                .password("admin".toCharArray())
                .build())) {
            new KvBuckets(connection).create(BucketConfig.of("here"));
        }
    }

    @Test
    void findsNothingWhereAllIsWell() {
        assertThat(run("admin", "admin", NATS.url(), "here")).isEmpty();
    }

    @Test
    void namesAMissingBucket() {
        assertThat(run("admin", "admin", NATS.url(), "here", "gone"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.setting()).isEqualTo("kv.buckets");
                    assertThat(finding.message()).contains("\"gone\"", "not found");
                });
    }

    @Test
    void refusedCredentialsShowOnTheirSetting() {
        assertThat(run("admin", "wrong", NATS.url())).singleElement().satisfies(finding -> {
            assertThat(finding.setting()).isEqualTo(ConnectionSettings.USERNAME);
            assertThat(finding.message()).doesNotContain("wrong");
        });
    }

    @Test
    void aMissingPermissionNamesTheSubject() {
        assertThat(run("poor", "poor", NATS.url(), "here")).singleElement().satisfies(finding -> {
            assertThat(finding.setting()).isEqualTo(ConnectionSettings.USERNAME);
            assertThat(finding.message()).contains("$JS.API.STREAM.INFO.KV_here");
        });
    }

    @Test
    void anAccountWithoutJetStreamIsToldApart() {
        assertThat(run("bare", "bare", NATS.url())).singleElement().satisfies(finding -> {
            assertThat(finding.setting()).isEqualTo(ConnectionSettings.SERVERS);
            assertThat(finding.message()).contains("JetStream");
        });
    }

    /** Something answers in place of JetStream, but never about a bucket. */
    @Test
    void bucketsWithoutAnswerAreNamedOneByOne() {
        Map<String, String> settings = settings("admin", "admin", NATS.url());
        settings.put(ConnectionSettings.API_PREFIX, "silent");
        try (KvConnection connection = KvConnection.open(ConnectionSettings.of(settings, "silent"))) {
            Dispatcher jetStream = connection.nats().createDispatcher(request -> {
                if (request.getSubject().equals("silent.INFO")) {
                    connection.nats().publish(request.getReplyTo(), "{\"api\":{}}".getBytes(StandardCharsets.UTF_8));
                }
            });
            jetStream.subscribe("silent.>");
            connection.api().serverLevel().join();
            assertThat(LiveCheck.run(settings, List.of("a", "b", "c", "d", "e"), "kv.buckets"))
                    .allSatisfy(finding -> {
                        assertThat(finding.setting()).isEqualTo("kv.buckets");
                        assertThat(finding.message()).contains("No answer in time");
                    })
                    .extracting(finding -> finding.message().replaceAll("[^\"]*\"(.*)\".*", "$1"))
                    .containsExactly("a", "b", "c", "d", "e");
        }
    }

    @Test
    void anUnknownDomainShowsOnTheDomain() {
        Map<String, String> settings = settings("admin", "admin", NATS.url());
        settings.put(ConnectionSettings.JETSTREAM_DOMAIN, "elsewhere");
        assertThat(LiveCheck.run(settings, List.of(), "kv.buckets"))
                .extracting(Finding::setting)
                .containsExactly(ConnectionSettings.JETSTREAM_DOMAIN);
    }

    @Test
    void anUnreachableServerAndASilentOneShowOnTheServers() {
        try (TcpProxy proxy = TcpProxy.to(NATS.server())) {
            proxy.stall();
            assertThat(run("admin", "admin", proxy.url()))
                    .extracting(Finding::setting)
                    .containsExactly("nats.servers");
            proxy.refuse();
            assertThat(run("admin", "admin", proxy.url()))
                    .extracting(Finding::setting)
                    .containsExactly("nats.servers");
        }
    }

    @Test
    void aTrustStoreThatIsNotThereShowsOnItsSetting() {
        Map<String, String> settings = settings("admin", "admin", NATS.url());
        settings.put(ConnectionSettings.TLS_TRUSTSTORE_LOCATION, "/no/such/store");
        assertThat(LiveCheck.run(settings, List.of(), "kv.buckets"))
                .extracting(Finding::setting)
                .containsExactly(ConnectionSettings.TLS_TRUSTSTORE_LOCATION);
    }

    private static List<Finding> run(String user, String password, String url, String... buckets) {
        return LiveCheck.run(settings(user, password, url), List.of(buckets), "kv.buckets");
    }

    private static Map<String, String> settings(String user, String password, String url) {
        Map<String, String> settings = new HashMap<>();
        settings.put(ConnectionSettings.SERVERS, url);
        settings.put(ConnectionSettings.USERNAME, user);
        settings.put(ConnectionSettings.PASSWORD, password);
        return settings;
    }
}
