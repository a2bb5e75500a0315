package io.natskv.camel.sample;

import io.natskv.camel.NatsKvConstants;
import java.io.PrintStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;

/**
 * The sample of the README: one route keeps writing to a bucket, another is told of each change.
 * Arguments: the URL of a NATS server with JetStream, and how many exchanges to run; without the second it runs until it is
 * interrupted.
 */
public final class SampleRoute extends RouteBuilder {
    private static final String[] CITIES = {"berlin", "lima", "oslo"};

    private final PrintStream out;

    SampleRoute(PrintStream out) {
        this.out = out;
    }

    /** Runs the sample. */
    public static void main(String[] args) throws Exception {
        if (args.length == 0) {
            System.err.println("Usage: SampleRoute <NATS URL, as nats://127.0.0.1:4222> [exchanges]");
            return;
        }
        run(args[0], args.length > 1 ? Integer.parseInt(args[1]) : -1, System.out);
    }

    static void run(String url, int exchanges, PrintStream out) throws Exception {
        Main main = new Main();
        // Options of the component count for all its endpoints.
        main.addInitialProperty("camel.component.nats-kv.servers", url);
        main.addInitialProperty("camel.component.nats-kv.create-bucket", "true");
        main.configure().addRoutesBuilder(new SampleRoute(out));
        main.configure().setDurationMaxMessages(exchanges);
        main.run();
    }

    @Override
    public void configure() {
        from("timer:weather?period=500&delay=0&includeMetadata=true")
                .process(SampleRoute::measure)
                .to("nats-kv:camel-sample")
                // A write leaves the body, and tells its revision.
                .process(exchange ->
                        out.println("wrote    " + exchange.getMessage().getHeader(NatsKvConstants.KEY) + " as revision "
                                + exchange.getMessage().getHeader(NatsKvConstants.REVISION)));

        from("nats-kv:camel-sample?key=weather.*")
                .convertBodyTo(String.class)
                .process(exchange ->
                        out.println("received " + exchange.getMessage().getHeader(NatsKvConstants.KEY)
                                + " = " + exchange.getMessage().getBody()
                                + (exchange.getMessage().getHeader(NatsKvConstants.INITIAL, boolean.class)
                                        ? " (was there at the start)"
                                        : "")));
    }

    private static void measure(Exchange exchange) {
        long count = exchange.getProperty(Exchange.TIMER_COUNTER, long.class);
        exchange.getMessage().setHeader(NatsKvConstants.KEY, "weather." + CITIES[(int) (count % CITIES.length)]);
        exchange.getMessage().setBody(Math.round(Math.random() * 300 - 50) / 10.0 + " °C");
    }
}
