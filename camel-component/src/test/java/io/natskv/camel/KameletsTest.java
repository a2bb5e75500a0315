package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The Kamelets in the jar, found by their names. */
class KameletsTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private final Received received = new Received();
    private Fixture camel;
    private KvBucket bucket;

    @BeforeEach
    void start() {
        camel = new Fixture(NATS.url());
        // The Kamelets say themselves where the server is, but for the test that relies on the component.
        camel.component.getConfiguration().setServers(null);
        bucket = camel.newBucket(5);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    private String kamelet(String name, String options) {
        return "kamelet:" + name + "?bucket=" + bucket.name() + "&servers=" + NATS.url() + options;
    }

    @Test
    void source() throws Exception {
        bucket.put("a", "1");
        camel.route("r", kamelet("nats-kv-source", "&key=a"), received);
        bucket.put("b", "1");
        bucket.delete("a");
        received.await("1 PUT a=1 initial", "3 DELETE a");
    }

    @Test
    void sourceWithItsOtherOptions() throws Exception {
        camel.component.getConfiguration().setServers(NATS.url());
        bucket.put("a", "1");
        camel.route(
                "r",
                "kamelet:nats-kv-source?updatesOnly=true&ignoreDeletes=true&durableName=d&bucket=" + bucket.name(),
                received);
        bucket.delete("a");
        bucket.put("a", "2");
        received.await("3 PUT a=2");
        assertThat(NatsFacts.consumer(camel, bucket, "d")).isNotNull();
    }

    @Test
    void sink() {
        Exchange done = camel.send(
                kamelet("nats-kv-sink", "&key=k"),
                exchange -> exchange.getMessage().setBody("v"));
        assertThat(done.getException()).isNull();
        for (Map.Entry<String, String> header : Map.of(NatsKvConstants.KEY, "from-header", "key", "from-short-header")
                .entrySet()) {
            Exchange byHeader = camel.send(kamelet("nats-kv-sink", "&key=k"), exchange -> {
                exchange.getMessage().setHeader(header.getKey(), header.getValue());
                exchange.getMessage().setBody("w");
            });
            assertThat(byHeader.getException()).isNull();
        }
        assertThat(bucket.keys()).containsExactlyInAnyOrder("k", "from-header", "from-short-header");
        assertThat(new String(bucket.get("k").value(), StandardCharsets.UTF_8)).isEqualTo("v");
    }

    @Test
    void sinkCreatesABucket() {
        String name = Fixture.newName();
        Exchange done = camel.send(
                "kamelet:nats-kv-sink?key=k&createBucket=true&servers=" + NATS.url() + "&bucket=" + name,
                exchange -> exchange.getMessage().setBody("v"));
        assertThat(done.getException()).isNull();
        assertThat(camel.buckets.open(name).keys()).isEqualTo(List.of("k"));
    }

    @Test
    void action() throws Exception {
        bucket.put("k", "v");
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:lookup").to(kamelet("nats-kv-action", ""));
                from("direct:enrich").to(kamelet("nats-kv-action", "&key=k&resultHeader=found"));
                from("direct:strict").to(kamelet("nats-kv-action", "&failIfAbsent=true&key=missing"));
                from("direct:keys").to(kamelet("nats-kv-action", "&operation=KEYS"));
            }
        });
        Exchange lookup =
                camel.send("direct:lookup", exchange -> exchange.getMessage().setHeader("key", "k"));
        assertThat(lookup.getMessage().getBody(String.class)).isEqualTo("v");
        Exchange enrich =
                camel.send("direct:enrich", exchange -> exchange.getMessage().setBody("body"));
        assertThat(enrich.getMessage().getBody()).isEqualTo("body");
        assertThat(enrich.getMessage().getHeader("found", String.class)).isEqualTo("v");
        assertThat(camel.send("direct:strict", exchange -> {}).getException())
                .isInstanceOf(NatsKvKeyNotFoundException.class);
        assertThat(camel.send("direct:keys", exchange -> {}).getMessage().getBody())
                .isEqualTo(List.of("k"));
    }
}
