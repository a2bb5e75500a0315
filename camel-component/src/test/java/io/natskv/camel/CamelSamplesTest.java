package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.KvOperation;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.nats.NatsVersion;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.processor.state.FileStateRepository;
import org.apache.camel.xml.in.ModelParser;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The samples of docs/camel.md, run against servers; and the check that the page shows just these. */
class CamelSamplesTest {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private static final Path SAMPLES = Path.of("src/test/resources/samples");

    @TempDir
    Path folder;

    private Fixture camel;

    @BeforeEach
    void start() {
        camel = new Fixture(NATS.url());
        camel.context.getPropertiesComponent().addInitialProperty("nats.url", NATS.url());
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    /** Samples name their buckets; each test makes them anew. */
    private KvBucket bucket(String name) {
        Set<String> there = new HashSet<>(camel.buckets.names().toList());
        if (there.contains(name)) {
            camel.buckets.delete(name);
        }
        return camel.buckets.create(BucketConfig.builder(name)
                .history(5)
                .limitMarkerTtl(Duration.ofMinutes(1))
                .build());
    }

    private void run(RouteBuilder routes) throws Exception {
        camel.context.addRoutes(routes);
        camel.context.start();
    }

    private Exchange send(String body, Map<String, Object> headers) {
        Exchange done = camel.send("direct:in", exchange -> {
            exchange.getMessage().setHeaders(new TreeMap<>(headers));
            exchange.getMessage().setBody(body);
        });
        assertThat(done.getException()).isNull();
        return done;
    }

    private static String text(KvBucket bucket, String key) {
        return new String(bucket.get(key).value(), StandardCharsets.UTF_8);
    }

    private void checkFirstRoute(KvBucket orders, List<String> lines) {
        orders.put("eu.4711", "new");
        orders.put("us.1", "new");
        orders.put("eu.4711", "paid");
        Received.await(() -> assertThat(lines).containsExactly("eu.4711 = new", "eu.4711 = paid"));
    }

    private List<String> mocked() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        camel.context
                .getEndpoint("mock:changes", org.apache.camel.component.mock.MockEndpoint.class)
                .whenAnyExchangeReceived(
                        exchange -> lines.add(exchange.getMessage().getBody(String.class)));
        return lines;
    }

    @Test
    void firstRoute() throws Exception {
        KvBucket orders = bucket("orders");
        List<String> lines = mocked();
        run(new RouteBuilder() {
            @Override
            public void configure() {
                // sample: firstRoute
                from("nats-kv:orders?servers={{nats.url}}&key=eu.>")
                        .setBody(simple("${header.CamelNatsKvKey} = ${body}"))
                        .to("mock:changes");
                // end
            }
        });
        checkFirstRoute(orders, lines);
    }

    @Test
    void firstRouteInYaml() throws Exception {
        KvBucket orders = bucket("orders");
        List<String> lines = mocked();
        PluginHelper.getRoutesLoader(camel.context)
                .loadRoutes(ResourceHelper.fromString(
                        "first-route.yaml", Files.readString(SAMPLES.resolve("first-route.yaml"))));
        camel.context.start();
        checkFirstRoute(orders, lines);
    }

    @Test
    void firstRouteInXml() throws Exception {
        KvBucket orders = bucket("orders");
        List<String> lines = mocked();
        ModelParser parser = new ModelParser(
                new ByteArrayInputStream(Files.readAllBytes(SAMPLES.resolve("first-route.xml"))),
                "http://camel.apache.org/schema/xml-io");
        camel.context.addRouteDefinitions(
                parser.parseRoutesDefinition().orElseThrow().getRoutes());
        camel.context.start();
        checkFirstRoute(orders, lines);
    }

    @Test
    void cacheLookup() throws Exception {
        KvBucket prices = bucket("prices");
        run(new RouteBuilder() {
            @Override
            public void configure() {
                // sample: cacheLookup
                from("direct:in")
                        .toD("nats-kv:prices?operation=GET&key=${header.article}&resultHeader=price")
                        .choice()
                        .when(header(NatsKvConstants.FOUND).isEqualTo(false))
                        .setBody(simple("${header.article}"))
                        .to("direct:askTheSlowService")
                        .setHeader("price", body())
                        // Somebody else may have been quicker: theirs is as good.
                        .toD("nats-kv:prices?operation=CREATE&key=${header.article}&ttl=10m&conflict=FLAG")
                        .end();
                // end
                from("direct:askTheSlowService").setBody(simple("price of ${body}"));
            }
        });
        assertThat(send("", Map.of("article", "a1")).getMessage().getHeader("price", String.class))
                .isEqualTo("price of a1");
        assertThat(text(prices, "a1")).isEqualTo("price of a1");
        prices.put("a1", "7.50");
        assertThat(send("", Map.of("article", "a1")).getMessage().getHeader("price", String.class))
                .isEqualTo("7.50");
    }

    @Test
    void readModifyWrite() throws Exception {
        KvBucket counters = bucket("counters");
        run(new RouteBuilder() {
            @Override
            public void configure() {
                // sample: readModifyWrite
                onException(NatsKvConflictException.class)
                        .maximumRedeliveries(50)
                        .redeliveryDelay(10)
                        .useCollisionAvoidance();

                from("direct:in").to("direct:increment");

                // Without an error handler of its own it is repeated as a whole: read, modify, write.
                from("direct:increment")
                        .errorHandler(noErrorHandler())
                        .to("nats-kv:counters?operation=GET&key=visits&defaultValue=0")
                        .setBody(exchange -> exchange.getMessage().getBody(Long.class) + 1)
                        .choice()
                        .when(header(NatsKvConstants.FOUND).isEqualTo(true))
                        .to("nats-kv:counters?operation=UPDATE&key=visits")
                        .otherwise()
                        .to("nats-kv:counters?operation=CREATE&key=visits");
                // end
            }
        });
        List<CompletableFuture<Exchange>> all = IntStream.range(0, 20)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> send("", Map.of())))
                .toList();
        all.forEach(CompletableFuture::join);
        assertThat(text(counters, "visits")).isEqualTo("20");
    }

    @Test
    void featureFlags() throws Exception {
        KvBucket bucket = bucket("flags");
        bucket.put("new-checkout", "true");
        Map<String, Boolean> flags = new ConcurrentHashMap<>();
        run(new RouteBuilder() {
            @Override
            public void configure() {
                // sample: featureFlags
                from("nats-kv:flags").process(exchange -> {
                    String flag = exchange.getMessage().getHeader(NatsKvConstants.KEY, String.class);
                    KvOperation operation =
                            exchange.getMessage().getHeader(NatsKvConstants.ENTRY_OPERATION, KvOperation.class);
                    if (operation == KvOperation.PUT) {
                        flags.put(flag, exchange.getMessage().getBody(Boolean.class));
                    } else {
                        flags.remove(flag);
                    }
                });
                // end
            }
        });
        Received.await(() -> assertThat(flags).isEqualTo(Map.of("new-checkout", true)));
        bucket.put("new-checkout", "false");
        Received.await(() -> assertThat(flags).isEqualTo(Map.of("new-checkout", false)));
        bucket.delete("new-checkout");
        Received.await(() -> assertThat(flags).isEmpty());
    }

    @Test
    void placeholders() throws Exception {
        bucket("settings").put("greeting", "hello");
        run(new RouteBuilder() {
            @Override
            public void configure() {
                // sample: placeholders
                from("direct:in").setBody(constant("{{nats-kv:settings/greeting}} {{nats-kv:settings/name:world}}"));
                // end
            }
        });
        assertThat(send("", Map.of()).getMessage().getBody()).isEqualTo("hello world");
    }

    @Test
    void toKafka() throws Exception {
        KvBucket orders = bucket("orders");
        try (KafkaBroker broker = KafkaBroker.builder().start()) {
            camel.context.getPropertiesComponent().addInitialProperty("kafka.brokers", broker.bootstrap());
            camel.context.getPropertiesComponent().addInitialProperty("positions.file", folder + "/positions");
            camel.context
                    .getRegistry()
                    .bind(
                            "positions",
                            FileStateRepository.fileStateRepository(
                                    folder.resolve("positions").toFile()));
            run(new RouteBuilder() {
                @Override
                public void configure() {
                    // sample: toKafka
                    // "positions" is a StateRepository in the registry, such as a FileStateRepository.
                    from("nats-kv:orders?offsetRepository=#positions&offsetKey=kafka&breakOnFirstError=true")
                            .setHeader("CamelKafkaKey", header(NatsKvConstants.KEY))
                            .removeHeaders("CamelNatsKv*")
                            .to("kafka:orders?brokers={{kafka.brokers}}&valueSerializer=org.apache.kafka.common"
                                    + ".serialization.ByteArraySerializer");
                    // end
                }
            });
            orders.put("a", "1");
            orders.put("b", "1");
            orders.delete("a");
            assertThat(topic(broker, 3)).containsExactly("a=1", "b=1", "a=null");
        }
    }

    private static List<String> topic(KafkaBroker broker, int records) {
        Properties config = new Properties();
        config.put("bootstrap.servers", broker.bootstrap());
        config.put("group.id", "test");
        config.put("auto.offset.reset", "earliest");
        List<String> read = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("orders"));
            Received.await(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> read.add(record.key() + "=" + record.value()));
                assertThat(read).hasSize(records);
            });
        }
        return read;
    }

    @Test
    void toDatabase() throws Exception {
        KvBucket orders = bucket("orders");
        JdbcDataSource database = new JdbcDataSource();
        database.setUrl("jdbc:h2:mem:" + Fixture.newName() + ";DB_CLOSE_DELAY=-1");
        camel.context.getRegistry().bind("database", database);
        camel.context
                .getRegistry()
                .bind(
                        "positions",
                        FileStateRepository.fileStateRepository(
                                folder.resolve("positions").toFile()));
        execute(database, "create table orders (id varchar primary key, state varchar, revision bigint)");
        run(new RouteBuilder() {
            @Override
            public void configure() {
                // sample: toDatabase
                from("nats-kv:orders?offsetRepository=#positions&offsetKey=database&breakOnFirstError=true"
                                + "&concurrentConsumers=4")
                        .choice()
                        .when(header(NatsKvConstants.ENTRY_OPERATION).isEqualTo("PUT"))
                        .convertBodyTo(String.class)
                        .to("sql:merge into orders key (id) values (:#CamelNatsKvKey, :#${body}, :#CamelNatsKvRevision)"
                                + "?dataSource=#database")
                        .otherwise()
                        .to("sql:delete from orders where id = :#CamelNatsKvKey?dataSource=#database");
                // end
            }
        });
        for (int i = 0; i < 50; i++) {
            orders.put("o" + i % 10, "state " + i);
        }
        orders.delete("o3");
        Received.await(() -> assertThat(rows(database)).hasSize(9).containsEntry("o7", "state 47"));
    }

    private static void execute(JdbcDataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Map<String, String> rows(JdbcDataSource database) throws SQLException {
        Map<String, String> rows = new TreeMap<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select id, state from orders")) {
            while (result.next()) {
                rows.put(result.getString(1), result.getString(2));
            }
        }
        return rows;
    }

    @Test
    void mirror() throws Exception {
        KvBucket orders = bucket("orders");
        KvBucket copy = bucket("orders-copy");
        run(new RouteBuilder() {
            @Override
            public void configure() {
                // sample: mirror
                from("nats-kv:orders?batching=true&batchSize=1000&breakOnFirstError=true")
                        .to("nats-kv:orders-copy?operation=PUT_ALL");
                // end
            }
        });
        for (int i = 0; i < 500; i++) {
            orders.put("k" + i % 50, "" + i);
        }
        orders.purge("k7");
        Received.await(() -> {
            assertThat(copy.keys()).hasSize(49).doesNotContain("k7");
            assertThat(text(copy, "k49")).isEqualTo("499");
        });
    }

    @Test
    void sharedWork() throws Exception {
        KvBucket jobs = bucket("jobs");
        List<String> done = new CopyOnWriteArrayList<>();
        run(new RouteBuilder() {
            @Override
            public void configure() {
                // sample: sharedWork
                from("nats-kv:jobs?durableName=workers&ignoreDeletes=true&ackWait=2m&maxDeliver=5&concurrentConsumers=4")
                        .to("direct:work");
                // end
                from("direct:work")
                        .process(exchange -> done.add(exchange.getMessage().getBody(String.class)));
            }
        });
        jobs.put("j1", "one");
        jobs.put("j2", "two");
        Received.await(() -> assertThat(done).containsExactlyInAnyOrder("one", "two"));
    }

    @Test
    void manualCommit() throws Exception {
        KvBucket orders = bucket("orders");
        camel.context
                .getRegistry()
                .bind(
                        "positions",
                        FileStateRepository.fileStateRepository(
                                folder.resolve("positions").toFile()));
        List<String> uploads = new CopyOnWriteArrayList<>();
        run(new RouteBuilder() {
            @Override
            public void configure() {
                // sample: manualCommit
                from("nats-kv:orders?offsetRepository=#positions&offsetKey=upload&allowManualCommit=true"
                                + "&batching=true")
                        .to("direct:upload")
                        .process(exchange -> exchange.getMessage()
                                .getHeader(NatsKvConstants.MANUAL_COMMIT, NatsKvManualCommit.class)
                                .commit());
                // end
                from("direct:upload")
                        .process(exchange -> uploads.add(
                                "" + exchange.getMessage().getBody(List.class).size()));
            }
        });
        orders.put("a", "1");
        Received.await(() -> assertThat(uploads).containsExactly("1"));
        Received.await(
                () -> assertThat(Files.readString(folder.resolve("positions"))).contains("|1|"));
    }

    @Test
    void thePageShowsTheseSamples() throws Exception {
        Path suite = Path.of(System.getProperty("natskv.suite.dir"));
        String page = Files.readString(suite.resolve("docs/camel.md"));
        String source = Files.readString(Path.of("src/test/java/io/natskv/camel/CamelSamplesTest.java"));
        Map<String, String> run = new TreeMap<>();
        Matcher inSource = Pattern.compile("// sample: (\\w+)\\n(.*?)\\s*// end", Pattern.DOTALL)
                .matcher(source);
        while (inSource.find()) {
            run.put(inSource.group(1), words(inSource.group(2)));
        }
        for (String file : List.of("first-route.yaml", "first-route.xml")) {
            run.put(file, words(Files.readString(SAMPLES.resolve(file))));
        }
        Map<String, String> shown = new TreeMap<>();
        Matcher inPage = Pattern.compile("<!-- sample: ([\\w.-]+) -->\\s*```\\w+\\n(.*?)```", Pattern.DOTALL)
                .matcher(page);
        while (inPage.find()) {
            shown.put(inPage.group(1), words(inPage.group(2)));
        }
        assertThat(shown).isEqualTo(run);
        // Nothing is shown that is not run, but for dependencies and properties.
        assertThat(Pattern.compile("```(java|yaml)\n").matcher(page).results().count())
                .isEqualTo(shown.size() - 1);
    }

    /** The code without its layout. */
    private static String words(String code) {
        return code.replaceAll("\"\\s*\\+ \"", "").replaceAll("\\s+", " ").trim();
    }
}
