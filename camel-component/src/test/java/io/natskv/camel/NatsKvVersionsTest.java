package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.util.List;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The round trip on each version of the server. */
class NatsKvVersionsTest {
    @ParameterizedTest
    @EnumSource
    void writesReadsAndWatches(NatsVersion version) throws Exception {
        try (NatsServer server = NatsServer.start(version);
                Fixture camel = new Fixture(server.url())) {
            String uri = "nats-kv:" + camel.newBucket(5).name();
            Received received = new Received();
            camel.route("r", uri + "?key=eu.*", received);
            camel.context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:in")
                            .to(uri + "?operation=PUT&key=eu.de")
                            .to(uri + "?operation=UPDATE&key=eu.de")
                            .to(uri + "?operation=CREATE&key=us.ny")
                            .to(uri + "?operation=DELETE&key=eu.de")
                            .to(uri + "?operation=CREATE&key=eu.de")
                            .to(uri + "?operation=PURGE&key=us.ny")
                            .to(uri + "?operation=GET&key=eu.de&resultHeader=value")
                            .to(uri + "?operation=HISTORY&key=eu.de&resultHeader=history")
                            .to(uri + "?operation=KEYS");
                }
            });
            var done = camel.send("direct:in", exchange -> exchange.getMessage().setBody("v"));
            assertThat(done.getException()).isNull();
            assertThat(done.getMessage().getHeader("value", String.class)).isEqualTo("v");
            assertThat(done.getMessage().getHeader("history", Object[].class)).hasSize(4);
            assertThat(done.getMessage().getBody()).isEqualTo(List.of("eu.de"));
            received.await("1 PUT eu.de=v", "2 PUT eu.de=v", "4 DELETE eu.de", "5 PUT eu.de=v");
        }
    }

    @ParameterizedTest
    @EnumSource
    void severalFiltersNeedTwoTen(NatsVersion version) throws Exception {
        try (NatsServer server = NatsServer.start(version);
                Fixture camel = new Fixture(server.url())) {
            var bucket = camel.newBucket();
            String uri = "nats-kv:" + bucket.name() + "?key=a,b.*";
            Received received = new Received();
            Received durable = new Received();
            if (version.atLeast(NatsVersion.V2_10)) {
                camel.route("r", uri, received);
                camel.route("d", uri + "&durableName=d", durable);
                List.of("a", "b", "b.c").forEach(key -> bucket.put(key, "v"));
                received.await("1 PUT a=v", "3 PUT b.c=v");
                durable.await("1 PUT a=v", "3 PUT b.c=v");
            } else {
                assertThatThrownBy(() -> camel.route("r", uri, received))
                        .isInstanceOf(FeatureUnsupportedException.class);
                try (Fixture other = new Fixture(server.url())) {
                    assertThatThrownBy(() -> other.route("d", uri + "&durableName=d", durable))
                            .isInstanceOf(FeatureUnsupportedException.class);
                }
            }
        }
    }
}
