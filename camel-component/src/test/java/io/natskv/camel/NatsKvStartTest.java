package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.CompressionOption;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.UnavailableException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.FreePorts;
import java.time.Duration;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A route that starts has its bucket; else it fails to start, and says why. */
class NatsKvStartTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private Fixture camel;

    @BeforeEach
    void start() {
        camel = new Fixture(NATS.url());
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    @Test
    void aConsumerOfAMissingBucketFailsTheRoute() {
        assertThatThrownBy(() -> camel.route("r", "nats-kv:missing", exchange -> {}))
                .hasRootCauseInstanceOf(BucketNotFoundException.class)
                .hasStackTraceContaining("\"missing\"")
                .hasStackTraceContaining("createBucket=true");
        assertThat(camel.component.connections().size()).isZero();
    }

    @Test
    void aProducerOfAMissingBucketFailsTheRoute() throws Exception {
        camel.context.addRoutes(producing("nats-kv:missing?key=k"));
        assertThatThrownBy(() -> camel.context.start())
                .hasRootCauseInstanceOf(BucketNotFoundException.class)
                .hasStackTraceContaining("createBucket=true");
        assertThat(camel.component.connections().size()).isZero();
    }

    @Test
    void aProducerThatStartsLazilyFailsTheExchange() throws Exception {
        camel.context.addRoutes(producing("nats-kv:missing?key=k&lazyStartProducer=true"));
        assertThat(camel.send("direct:in", exchange -> exchange.getMessage().setBody("v"))
                        .getException())
                .hasRootCauseInstanceOf(BucketNotFoundException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats-kv:b?key=k", "nats-kv:b?key=k&createBucket=true"})
    void withoutAServerTheRouteFails(String uri) throws Exception {
        String server = "nats://127.0.0.1:" + FreePorts.next();
        try (DefaultCamelContext context = new DefaultCamelContext()) {
            context.getComponent("nats-kv", NatsKvComponent.class)
                    .getConfiguration()
                    .setServers(server);
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from(uri).log("${body}");
                }
            });
            assertThatThrownBy(context::start)
                    .hasStackTraceContaining(UnavailableException.class.getName())
                    .hasStackTraceContaining("Can't connect to NATS at " + server);
        }
    }

    @Test
    void aServerWithoutJetStreamFailsTheRoute() throws Exception {
        try (NatsServer plain = NatsServer.builder().jetStream(false).start()) {
            assertThatThrownBy(() -> camel.route("r", "nats-kv:b?servers=" + plain.url(), exchange -> {}))
                    .isInstanceOf(UnavailableException.class)
                    .hasMessageContaining("KV_b");
        }
    }

    @Test
    void withoutServersTheRouteFails() {
        camel.component.getConfiguration().setServers(null);
        assertThatThrownBy(() -> camel.route("r", "nats-kv:b", exchange -> {}))
                .hasStackTraceContaining("servers: set it on the endpoint or on the component, or give a connection");
    }

    @Test
    void aBucketCanBeCreatedWithItsSettings() throws Exception {
        String name = Fixture.newName();
        camel.route(
                "r",
                "nats-kv:" + name + "?createBucket=true&history=7&bucketTtl=1h&storageType=memory&maxBucketSize=100000"
                        + "&maxValueSize=1000&compression=true&bucketDescription=RAW(a bucket)",
                exchange -> {});
        BucketStatus status = camel.buckets.open(name).status();
        StreamConfiguration stream = status.stream().getConfiguration();
        assertThat(status.history()).isEqualTo(7);
        assertThat(status.ttl()).isEqualTo(Duration.ofHours(1));
        assertThat(stream.getStorageType()).isEqualTo(StorageType.Memory);
        assertThat(stream.getMaxBytes()).isEqualTo(100_000);
        assertThat(stream.getMaximumMessageSize()).isEqualTo(1_000);
        assertThat(stream.getCompressionOption()).isEqualTo(CompressionOption.S2);
        assertThat(stream.getDescription()).isEqualTo("a bucket");
        assertThat(stream.getReplicas()).isEqualTo(1);
    }

    @Test
    void aCreatedBucketHasTheDefaultsOfKvCore() throws Exception {
        String name = Fixture.newName();
        camel.route("r", "nats-kv:" + name + "?createBucket=true", exchange -> {});
        StreamConfiguration created = camel.buckets.open(name).status().stream().getConfiguration();
        String other = Fixture.newName();
        camel.buckets.create(BucketConfig.of(other));
        StreamConfiguration expected =
                camel.buckets.open(other).status().stream().getConfiguration();
        assertThat(created.toJson().replace(name, ""))
                .isEqualTo(expected.toJson().replace(other, ""));
    }

    @Test
    void aBucketWithOtherSettingsIsLeftAsItIs() throws Exception {
        String name = camel.newBucket(3).name();
        camel.route("r", "nats-kv:" + name + "?createBucket=true&history=7&compression=true", exchange -> {});
        assertThat(camel.buckets.open(name).status().history()).isEqualTo(3);

        NatsKvConfiguration wanted = camel.component.getConfiguration().copy();
        wanted.setHistory(7);
        wanted.setCompression(true);
        assertThat(BucketOpener.differences(
                        BucketOpener.configOf(name, wanted),
                        camel.buckets.open(name).status()))
                .containsExactly("history=3 (wanted 7)", "compression=false (wanted true)");
    }

    @Test
    void anEqualBucketShowsNoDifference() {
        BucketStatus status = camel.newBucket(1).status();
        assertThat(BucketOpener.differences(
                        BucketOpener.configOf(status.bucket(), camel.component.getConfiguration()), status))
                .isEmpty();
    }

    private static RouteBuilder producing(String uri) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").to(uri);
            }
        };
    }
}
