package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Exchange;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.xml.in.ModelParser;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Routes in YAML and XML. */
class DslTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private Fixture camel;
    private KvBucket bucket;
    private final Received received = new Received();

    @BeforeEach
    void start() {
        camel = new Fixture(NATS.url());
        bucket = camel.newBucket(5);
        camel.context.getRegistry().bind("received", received);
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    private void check() {
        Exchange done = camel.send("direct:in", exchange -> {
            exchange.getMessage().setHeader("id", "4711");
            exchange.getMessage().setBody("v");
        });
        assertThat(done.getException()).isNull();
        assertThat(done.getMessage().getBody(String.class)).isEqualTo("v");
        received.await("1 PUT orders.4711=v");
    }

    @Test
    void yaml() throws Exception {
        String yaml = """
                - from:
                    uri: nats-kv:%1$s
                    parameters:
                      key: "orders.>"
                      updatesOnly: true
                    steps:
                      - process:
                          ref: received
                - from:
                    uri: direct:in
                    steps:
                      - toD:
                          uri: nats-kv:%1$s
                          parameters:
                            key: "orders.${header.id}"
                      - toD: "nats-kv:%1$s?operation=GET&key=orders.${header.id}"
                """.formatted(bucket.name());
        PluginHelper.getRoutesLoader(camel.context).loadRoutes(ResourceHelper.fromString("routes.yaml", yaml));
        camel.context.start();
        check();
    }

    @Test
    void xml() throws Exception {
        String xml = """
                <routes xmlns="http://camel.apache.org/schema/xml-io">
                  <route>
                    <from uri="nats-kv:%1$s?key=orders.&gt;&amp;updatesOnly=true"/>
                    <process ref="received"/>
                  </route>
                  <route>
                    <from uri="direct:in"/>
                    <toD uri="nats-kv:%1$s?key=orders.${header.id}"/>
                    <toD uri="nats-kv:%1$s?operation=GET&amp;key=orders.${header.id}"/>
                  </route>
                </routes>
                """.formatted(bucket.name());
        ModelParser parser = new ModelParser(
                new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)),
                "http://camel.apache.org/schema/xml-io");
        camel.context.addRouteDefinitions(
                parser.parseRoutesDefinition().orElseThrow().getRoutes());
        camel.context.start();
        check();
    }
}
