package io.natskv.benchmarks.camel;

import io.natskv.camel.NatsKvComponent;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;

/** A Camel context whose components know the server. */
final class Routes implements AutoCloseable {
    private final DefaultCamelContext context = new DefaultCamelContext();
    private final ProducerTemplate template;

    /** @param url the server */
    Routes(String url) throws Exception {
        context.getComponent("nats-kv", NatsKvComponent.class)
                .getConfiguration()
                .setServers(url);
        context.disableJMX();
        context.start();
        template = context.createProducerTemplate();
    }

    /** A route that stands still until {@link #start}. */
    void add(String id, String from, Processor processor) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from(from).routeId(id).autoStartup(false).process(processor);
            }
        });
    }

    /** A route that hands on what is sent to {@code direct:id}. */
    void add(String id, String to) throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:" + id).routeId(id).to(to);
            }
        });
    }

    void start(String id) throws Exception {
        context.getRouteController().startRoute(id);
    }

    void stop(String id) throws Exception {
        context.getRouteController().stopRoute(id);
    }

    /** Sends an exchange through {@code direct:id} and waits for its end. */
    void send(String id, Processor message) throws Exception {
        Exchange done = template.send("direct:" + id, message);
        if (done.getException() != null) {
            throw done.getException();
        }
    }

    @Override
    public void close() {
        template.stop();
        context.stop();
    }
}
