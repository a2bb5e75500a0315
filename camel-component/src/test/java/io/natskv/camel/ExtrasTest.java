package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.management.ObjectName;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.console.DevConsole;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckHelper;
import org.apache.camel.health.HealthCheckRegistry;
import org.apache.camel.spi.EndpointServiceLocation;
import org.apache.camel.support.DefaultContextReloadStrategy;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What users expect of a component beside producing and consuming. */
class ExtrasTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private final Received received = new Received();
    private Fixture camel;
    private KvBucket bucket;

    @BeforeEach
    void start() {
        camel = new Fixture(NATS.url());
        bucket = camel.newBucket(5);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    private String uri(String options) {
        return "nats-kv:" + bucket.name() + options;
    }

    @Test
    void dynamicKeysShareOneEndpoint() throws Exception {
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .toD(uri("?key=k.${body}"))
                        .toD(uri("?operation=DELETE&key=k.${body}&revision=${header.CamelNatsKvRevision}"));
            }
        });
        for (int i = 0; i < 20; i++) {
            String body = "" + i;
            Exchange done =
                    camel.send("direct:in", exchange -> exchange.getMessage().setBody(body));
            assertThat(done.getException()).isNull();
            assertThat(done.getMessage().getHeaders())
                    .doesNotContainKeys(NatsKvConstants.KEY, NatsKvConstants.AT_REVISION);
        }
        assertThat(bucket.status().lastRevision()).isEqualTo(40);
        assertThat(bucket.history("k.7")).hasSize(2);
        assertThat(camel.context.getEndpoints().stream()
                        .map(endpoint -> endpoint.getEndpointUri())
                        .filter(uri -> uri.contains(bucket.name())))
                .containsExactlyInAnyOrder(
                        "nats-kv://" + bucket.name(), uri("?operation=DELETE").replace(":", "://"));
    }

    @Test
    void aHeaderThatIsThereWinsOverADynamicKey() throws Exception {
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").toD(uri("?key=${body}"));
            }
        });
        Exchange done = camel.send("direct:in", exchange -> {
            exchange.getMessage().setHeader(NatsKvConstants.KEY, "mine");
            exchange.getMessage().setBody("other");
        });
        assertThat(done.getMessage().getHeader(NatsKvConstants.KEY)).isEqualTo("mine");
        assertThat(bucket.keys()).containsExactly("mine");
    }

    @Test
    void aPollIsOneRead() throws Exception {
        bucket.put("k", "v");
        camel.context.start();
        try (ConsumerTemplate template = camel.context.createConsumerTemplate()) {
            Exchange found = template.receiveNoWait(uri("?key=k"));
            assertThat(found.getMessage().getBody(String.class)).isEqualTo("v");
            assertThat(found.getMessage().getHeaders())
                    .containsEntry(NatsKvConstants.REVISION, 1L)
                    .containsEntry(NatsKvConstants.FOUND, true)
                    .containsEntry(NatsKvConstants.KEY, "k");
            assertThat(template.receiveNoWait(uri("?key=missing"))).isNull();
            assertThat(template.receive(uri("?key=missing"), 50)).isNull();
            bucket.delete("k");
            assertThat(template.receiveNoWait(uri("?key=k"))).isNull();
        }
    }

    @Test
    void aPollWaitsForAValue() throws Exception {
        bucket.put("k", "old");
        bucket.delete("k");
        camel.context.start();
        try (ConsumerTemplate template = camel.context.createConsumerTemplate()) {
            CompletableFuture<Exchange> polled =
                    CompletableFuture.supplyAsync(() -> template.receive(uri("?key=k"), 120_000));
            Received.await(
                    () -> assertThat(bucket.status().stream().getStreamState().getConsumerCount())
                            .isEqualTo(1));
            bucket.put("k", "new");
            assertThat(polled.get(60, TimeUnit.SECONDS).getMessage().getBody(String.class))
                    .isEqualTo("new");
        }
    }

    @Test
    void pollEnrichLooksUp() throws Exception {
        bucket.put("k", "v");
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").pollEnrich().simple(uri("?key=${header.id}")).timeout(0);
            }
        });
        Exchange done =
                camel.send("direct:in", exchange -> exchange.getMessage().setHeader("id", "k"));
        assertThat(done.getException()).isNull();
        assertThat(done.getMessage().getBody(String.class)).isEqualTo("v");
    }

    @Test
    void aPollNeedsOneKey() {
        camel.context.start();
        for (String options : List.of("", "?key=a.*")) {
            assertThatThrownBy(() -> camel.context.getEndpoint(uri(options)).createPollingConsumer())
                    .as(options)
                    .isInstanceOf(RuntimeException.class)
                    .hasMessageContaining("key");
        }
    }

    @Test
    void entriesConvert() {
        bucket.put("k", "grün");
        bucket.delete("k");
        KvEntry value = bucket.history("k").get(0);
        KvEntry marker = bucket.history("k").get(1);
        var converter = camel.context.getTypeConverter();
        assertThat(converter.convertTo(String.class, value)).isEqualTo("grün");
        assertThat(converter.convertTo(byte[].class, value)).isEqualTo("grün".getBytes(StandardCharsets.UTF_8));
        assertThat(converter.convertTo(InputStream.class, value))
                .hasBinaryContent("grün".getBytes(StandardCharsets.UTF_8));
        assertThat(converter.convertTo(byte[].class, marker)).isNull();
    }

    @Test
    void aConsumerIsDownWhileItsServerIs() throws Exception {
        HealthCheckRegistry registry = HealthCheckRegistry.get(camel.context);
        registry.setEnabled(true);
        registry.register(registry.resolveById("consumers"));
        camel.route("r", uri("?key=a"), received);
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        Received.await(() ->
                assertThat(result()).extracting(HealthCheck.Result::getState).isEqualTo(HealthCheck.State.UP));
        // The revision is told a little after its exchange.
        Received.await(() -> assertThat(result().getDetails())
                .containsEntry("bucket", bucket.name())
                .containsEntry("key", "a")
                .containsEntry("last.revision", 1L));
        NATS.server().kill();
        Received.await(() ->
                assertThat(result()).extracting(HealthCheck.Result::getState).isEqualTo(HealthCheck.State.DOWN));
        assertThat(result().getMessage().orElseThrow()).contains(bucket.name());
        NATS.server().restart();
        Received.await(() ->
                assertThat(result()).extracting(HealthCheck.Result::getState).isEqualTo(HealthCheck.State.UP));
        Received.await(() -> bucket.put("a", "2"));
        Received.await(() -> assertThat(received.revisions()).contains(2L));
    }

    /** The check of the consumer, whether or not the one of its route says the same. */
    private HealthCheck.Result result() {
        return HealthCheckHelper.invokeReadiness(camel.context).stream()
                .filter(found -> found.getCheck().getId().equals("consumer:r"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aProducerIsDownWhileItsServerIs() throws Exception {
        HealthCheckRegistry registry = HealthCheckRegistry.get(camel.context);
        registry.setEnabled(true);
        camel.component.setHealthCheckProducerEnabled(true);
        var producers = HealthCheckHelper.getHealthCheckRepository(camel.context, "producers");
        producers.setEnabled(true);
        camel.send(uri("?key=k"), exchange -> exchange.getMessage().setBody("v"));
        // A producer of the test's own stays started.
        var producer = camel.context.getEndpoint(uri("?key=other")).createProducer();
        producer.start();
        assertThat(state(producers)).isEqualTo(HealthCheck.State.UP);
        NATS.server().kill();
        Received.await(() -> assertThat(state(producers)).isEqualTo(HealthCheck.State.DOWN));
        NATS.server().restart();
        Received.await(() -> assertThat(state(producers)).isEqualTo(HealthCheck.State.UP));
        producer.stop();
        assertThat(producers.stream()).isEmpty();
    }

    private static HealthCheck.State state(org.apache.camel.health.HealthCheckRepository producers) {
        return producers.stream().findFirst().orElseThrow().call().getState();
    }

    @Test
    @SuppressWarnings("unchecked")
    void theDevConsoleShowsConsumersAndConnections() throws Exception {
        camel.route("r", uri("?key=a&password=hidden&username=u"), received);
        DevConsole console = PluginHelper.getDevConsoleResolver(camel.context).resolveDevConsole("nats-kv");
        Map<String, Object> json = (Map<String, Object>) console.call(DevConsole.MediaType.JSON);
        assertThat((List<Map<String, Object>>) json.get("consumers"))
                .singleElement()
                .satisfies(consumer -> assertThat(consumer)
                        .containsEntry("routeId", "r")
                        .containsEntry("bucket", bucket.name())
                        .containsEntry("watching", true));
        assertThat((List<Map<String, Object>>) json.get("connections"))
                .singleElement()
                .satisfies(connection -> assertThat(connection).containsEntry("status", "CONNECTED"));
        String text = (String) console.call(DevConsole.MediaType.TEXT);
        assertThat(text).contains(bucket.name()).contains("CONNECTED").doesNotContain("hidden");
        assertThat(json.toString()).doesNotContain("hidden");
    }

    @Test
    void jmxHasTheConsumersAttributes() throws Exception {
        camel.route("r", uri("?key=a"), received);
        bucket.put("a", "1");
        received.await("1 PUT a=1");
        var server = ManagementFactory.getPlatformMBeanServer();
        ObjectName name = server.queryNames(
                        new ObjectName("org.apache.camel:context=" + camel.context.getName()
                                + ",type=consumers,name=NatsKvConsumer*"),
                        null)
                .iterator()
                .next();
        assertThat(server.getAttribute(name, "Bucket")).isEqualTo(bucket.name());
        Received.await(
                () -> assertThat(server.getAttribute(name, "LastRevision")).isEqualTo(1L));
        assertThat(server.getAttribute(name, "Watching")).isEqualTo(true);
    }

    @Test
    void endpointsTellTheirServiceWithoutSecrets() {
        EndpointServiceLocation location =
                camel.context.getEndpoint("nats-kv:b?servers=nats://u:secret@h1:4222,h2", NatsKvEndpoint.class);
        assertThat(location.getServiceUrl()).contains("h1:4222").doesNotContain("secret");
        assertThat(location.getServiceProtocol()).isEqualTo("nats");
    }

    @Test
    void propertiesComeFromKeys() throws Exception {
        bucket.put("greeting", "hello");
        bucket.put("gone", "x");
        bucket.delete("gone");
        String name = bucket.name();
        assertThat(camel.context.resolvePropertyPlaceholders("{{nats-kv:" + name + "/greeting}} you"))
                .isEqualTo("hello you");
        assertThat(camel.context.resolvePropertyPlaceholders("{{nats-kv:" + name + "/gone:default: it}}"))
                .isEqualTo("default: it");
        assertThatThrownBy(() -> camel.context.resolvePropertyPlaceholders("{{nats-kv:" + name + "/missing}}"))
                .isInstanceOf(IllegalArgumentException.class);
        for (String malformed : List.of("{{nats-kv:b}}", "{{nats-kv:/k}}", "{{nats-kv:b/}}")) {
            assertThatThrownBy(() -> camel.context.resolvePropertyPlaceholders(malformed))
                    .as(malformed)
                    .hasStackTraceContaining("name a bucket and a key");
        }
        assertThatThrownBy(() -> camel.context.resolvePropertyPlaceholders("{{nats-kv:no-such-bucket/k}}"))
                .hasStackTraceContaining("no-such-bucket");
        camel.context.stop();
        assertThat(camel.component.connections().size()).isZero();
    }

    @Test
    void routesAreReloadedWhenAKeyChanges() throws Exception {
        camel.component.setReloadOnKeyChange(true);
        bucket.put("greeting", "hello");
        bucket.put("unused", "1");
        List<String> said = new CopyOnWriteArrayList<>();
        DefaultContextReloadStrategy strategy = new DefaultContextReloadStrategy();
        camel.context.addService(strategy);
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in")
                        .setBody(constant("{{nats-kv:" + bucket.name() + "/greeting}} {{nats-kv:" + bucket.name()
                                + "/name:you}}"))
                        .process(exchange -> said.add(exchange.getMessage().getBody(String.class)));
            }
        });
        camel.context.start();
        say();
        assertThat(said).containsExactly("hello you");
        bucket.put("unused", "2");
        bucket.put("greeting", "good morning");
        Received.await(() -> {
            say();
            assertThat(said).endsWith("good morning you");
        });
        // A key that was not there is watched too.
        bucket.put("name", "world");
        Received.await(() -> {
            say();
            assertThat(said).endsWith("good morning world");
        });
        assertThat(strategy.getFailedCounter()).isZero();
        // Counted when it is over, a little after its first effect.
        Received.await(() -> assertThat(strategy.getReloadCounter()).isEqualTo(2));
    }

    private void say() {
        camel.send("direct:in", exchange -> {});
    }
}
