package io.natskv.soak;

import io.natskv.camel.NatsKvComponent;
import io.natskv.camel.NatsKvConfiguration;
import io.natskv.camel.NatsKvConstants;
import io.natskv.soak.model.Digest;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.processor.state.FileStateRepository;

/**
 * The process of the Camel consumer: a route that writes a line for each change, and keeps its position in a file.
 *
 * <p>Arguments: servers, bucket, folder. The lines are {@code start <stored position>} and
 * {@code change <revision> <created> <key> <operation> <digest> <time>}.
 */
public final class CamelReader {
    static final String LINES = "changes";
    static final String POSITIONS = "positions";
    static final String NAME = "soak";

    private final FileOutputStream lines;

    private CamelReader(Path folder) throws IOException {
        this.lines = new FileOutputStream(folder.resolve(LINES).toFile(), true);
    }

    /** Runs until the process is asked to end, by SIGTERM in order. */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[2]);
        File positions = folder.resolve(POSITIONS).toFile();
        CamelReader reader = new CamelReader(folder);
        reader.write("start " + stored(positions.toPath()));
        DefaultCamelContext context = new DefaultCamelContext();
        context.disableJMX();
        NatsKvConfiguration settings =
                context.getComponent("nats-kv", NatsKvComponent.class).getConfiguration();
        settings.setServers(args[0]);
        // Those are the servers' own addresses, beside the proxies.
        settings.setIgnoreDiscoveredServers(true);
        context.getRegistry().bind("positions", FileStateRepository.fileStateRepository(positions));
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("nats-kv:" + args[1] + "?offsetRepository=#positions&offsetKey=" + NAME
                                + "&includeHistory=true&breakOnFirstError=true")
                        .process(reader::take);
            }
        });
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            context.stop();
                            ended.countDown();
                        },
                        "camel-end"));
        // A bucket that is away at the moment is there soon.
        context.setRouteController(context.getRouteController().supervising());
        context.start();
        ended.await();
    }

    /** The line of the file, as the component will read it; "none" if there is none. */
    private static String stored(Path positions) throws IOException {
        if (!Files.exists(positions)) {
            return "none";
        }
        List<String> all = Files.readAllLines(positions);
        return all.stream()
                .filter(line -> line.startsWith(NAME + "="))
                .reduce((first, second) -> second)
                .map(line -> line.substring(NAME.length() + 1))
                .orElse("none");
    }

    private void take(Exchange exchange) throws IOException {
        Message message = exchange.getMessage();
        boolean put =
                message.getHeader(NatsKvConstants.ENTRY_OPERATION, String.class).equals("PUT");
        write(String.join(
                " ",
                "change",
                message.getHeader(NatsKvConstants.REVISION, String.class),
                message.getHeader(NatsKvConstants.CREATED, Instant.class).toString(),
                message.getHeader(NatsKvConstants.KEY, String.class),
                message.getHeader(NatsKvConstants.ENTRY_OPERATION, String.class),
                Long.toString(put ? Digest.of(message.getBody(byte[].class)) : Digest.NONE),
                Instant.now().toString()));
    }

    /** One call of the system a line, so that a killed process leaves whole lines behind. */
    private void write(String line) throws IOException {
        lines.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
