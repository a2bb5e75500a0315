package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvEntry;
import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.camel.builder.RouteBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The route of both READMEs, which copies a bucket with its deletes and purges. */
class ReadmeRouteTest {
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

    /** Half of the changes come before the route starts, half while it runs. */
    @ParameterizedTest
    @ValueSource(strings = {"", "?key=eu.>"})
    void theCopyEqualsTheBucket(String options) throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        KvBucket from = camel.newBucket();
        KvBucket to = camel.newBucket();
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("nats-kv:" + from.name() + options)
                        .setHeader(NatsKvConstants.OPERATION, header(NatsKvConstants.ENTRY_OPERATION))
                        .to("nats-kv:" + to.name());
            }
        });
        change(from, random);
        camel.context.start();
        change(from, random);
        // What ends differently in each case, whatever the seed.
        from.put("eu.put", "v");
        from.put("eu.empty", new byte[0]);
        from.put("eu.deleted", "v");
        from.delete("eu.deleted");
        from.put("eu.purged", "v");
        from.purge("eu.purged");
        Map<String, String> expected = state(from);
        if (!options.isEmpty()) {
            expected.keySet().removeIf(key -> !key.startsWith("eu."));
        }
        assertThat(expected).hasSizeGreaterThan(4);
        Received.await(() -> assertThat(state(to)).isEqualTo(expected));
    }

    @Test
    void bothReadmesShowThisRoute() throws Exception {
        for (Path readme : List.of(Path.of("README.md"), Path.of("..", "README.md"))) {
            assertThat(Files.readString(readme))
                    .as("%s", readme)
                    .containsPattern("from\\(\"nats-kv:[^\"]+\"\\)\\s+"
                            + "\\.setHeader\\(NatsKvConstants\\.OPERATION,"
                            + " header\\(NatsKvConstants\\.ENTRY_OPERATION\\)\\)\\s+"
                            + "\\.to\\(\"nats-kv:[^\"]+\"\\);");
        }
    }

    private static void change(KvBucket bucket, Random random) {
        for (int i = 0; i < 150; i++) {
            String key = (random.nextBoolean() ? "eu." : "us.") + random.nextInt(10);
            switch (random.nextInt(4)) {
                case 0 -> bucket.delete(key);
                case 1 -> bucket.purge(key);
                default -> bucket.put(key, "v" + i);
            }
        }
    }

    /** The last entry of every key, markers included. */
    private static Map<String, String> state(KvBucket bucket) {
        Map<String, String> state = new TreeMap<>();
        for (String key : KEYS) {
            List<KvEntry> history = bucket.history(key);
            if (!history.isEmpty()) {
                KvEntry last = history.get(history.size() - 1);
                state.put(key, last.operation() + " " + new String(last.value(), StandardCharsets.UTF_8));
            }
        }
        // Nothing beside these keys.
        assertThat(KEYS).containsAll(bucket.keys());
        return state;
    }

    private static final List<String> KEYS = keys();

    private static List<String> keys() {
        List<String> keys = new ArrayList<>(List.of("eu.put", "eu.empty", "eu.deleted", "eu.purged"));
        for (int i = 0; i < 10; i++) {
            keys.add("eu." + i);
            keys.add("us." + i);
        }
        return List.copyOf(keys);
    }
}
