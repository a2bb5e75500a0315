package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.processor.state.MemoryStateRepository;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What has been stopped leaves nothing: no thread, no connection, no consumer on the server. */
class LeftoversTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private static List<String> threads(Fixture camel, KvBucket bucket) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains(bucket.name())
                        || name.contains("(" + camel.context.getName() + ")") && name.contains("NatsKv"))
                .toList();
    }

    private static void assertNothingIsLeft(Fixture camel, KvBucket bucket) {
        assertThat(camel.component.connections().size()).isZero();
        Received.await(() -> assertThat(threads(camel, bucket)).isEmpty());
        Received.await(() -> assertThat(NatsFacts.consumers(camel, bucket)).isSubsetOf("d"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "concurrentConsumers=4",
                "batching=true&batchInterval=600000",
                "batching=true&batchInterval=600000&concurrentConsumers=2",
                "offsetRepository=#positions",
                "durableName=d",
                "durableName=d&concurrentConsumers=2&batching=true&batchInterval=600000",
                "breakOnFirstError=true&failing=true"
            })
    void ofAConsumer(String options) throws Exception {
        try (Fixture camel = new Fixture(NATS.url())) {
            camel.context.getRegistry().bind("positions", new MemoryStateRepository());
            KvBucket bucket = camel.newBucket(5);
            boolean failing = options.contains("failing");
            camel.route("r", "nats-kv:" + bucket.name() + "?" + options.replace("&failing=true", ""), exchange -> {
                if (failing) {
                    throw new IllegalStateException("never");
                }
            });
            for (int run = 0; run < 3; run++) {
                bucket.put("a", "1");
                Received.await(() -> assertThat(threads(camel, bucket)).isNotEmpty());
                camel.context.getRouteController().suspendRoute("r");
                camel.context.getRouteController().resumeRoute("r");
                camel.context.getRouteController().stopRoute("r");
                assertNothingIsLeft(camel, bucket);
                camel.context.getRouteController().startRoute("r");
            }
            camel.context.removeRouteDefinitions(List.copyOf(camel.context.getRouteDefinitions()));
            assertNothingIsLeft(camel, bucket);
        }
    }

    @Test
    void ofProducersPollsAndPlaceholders() throws Exception {
        try (Fixture camel = new Fixture(NATS.url())) {
            camel.component.setReloadOnKeyChange(true);
            KvBucket bucket = camel.newBucket(5);
            bucket.put("a", "1");
            Set<Object> seen = ConcurrentHashMap.newKeySet();
            camel.context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:in")
                            .to("nats-kv:" + bucket.name() + "?operation=KEYS")
                            .toD("nats-kv:" + bucket.name() + "?operation=GET&key=${body[0]}")
                            .pollEnrich("nats-kv:" + bucket.name() + "?key=a", 1000)
                            .setBody(constant("{{nats-kv:" + bucket.name() + "/a}}"))
                            .process(exchange -> seen.add(exchange.getMessage().getBody()));
                }
            });
            assertThat(camel.send("direct:in", exchange -> {}).getException()).isNull();
            assertThat(seen).containsExactly("1");
            assertThat(threads(camel, bucket)).isNotEmpty();
            camel.context.stop();
            assertNothingIsLeft(camel, bucket);
        }
    }
}
