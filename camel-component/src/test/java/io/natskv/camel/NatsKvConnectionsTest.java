package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nats.client.Connection;
import io.nats.client.NKey;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.error.KvException;
import io.natskv.core.error.UnavailableException;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.jsse.KeyStoreParameters;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.support.jsse.TrustManagersParameters;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class NatsKvConnectionsTest {
    @RegisterExtension
    final NatsServerExtension nats = NatsServerExtension.server(NatsVersion.latest());

    private static final String STORE_PASSWORD = "changeit";
    /** Enough for a machine that stalls for some seconds. */
    private static final long PATIENCE_MILLIS = 20_000;

    private Fixture camel;
    private KvBucket bucket;

    @BeforeEach
    void start() {
        camel = new Fixture(nats.url());
        bucket = camel.newBucket();
    }

    @AfterEach
    void stop() {
        camel.close();
    }

    @Test
    void endpointsWithEqualOptionsShareAConnection() throws Exception {
        long before = connections(nats.server());
        Received received = new Received();
        camel.context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("nats-kv:" + bucket.name()).routeId("one").process(received);
                from("nats-kv:" + bucket.name() + "?key=a&updatesOnly=true")
                        .routeId("two")
                        .process(received);
                from("direct:in")
                        .routeId("three")
                        .to("nats-kv:" + bucket.name() + "?key=a")
                        .to("nats-kv:" + camel.newBucket().name() + "?key=a");
            }
        });
        camel.context.start();
        assertThat(connections(nats.server()) - before).isEqualTo(1);
        assertThat(camel.component.connections().size()).isEqualTo(1);

        camel.route("other", "nats-kv:" + bucket.name() + "?connectionName=other", exchange -> {});
        assertThat(connections(nats.server()) - before).isEqualTo(2);

        for (String id : new String[] {"one", "two", "other"}) {
            camel.context.getRouteController().stopRoute(id);
        }
        assertThat(camel.component.connections().size()).isEqualTo(1);
        camel.context.stop();
        assertThat(camel.component.connections().size()).isZero();
        Received.await(() -> assertThat(connections(nats.server())).isEqualTo(before));
    }

    @Test
    void theConnectionBearsAName() throws Exception {
        camel.context.getCamelContextExtension().setName("shop");
        camel.route("r", "nats-kv:" + bucket.name(), exchange -> {});
        assertThat(monitor(nats.server(), "connz")).contains("\"name\": \"camel-shop\"");
    }

    @Test
    @SuppressWarnings("try") // closing a connection can be interrupted
    void aConnectionOfTheRegistryIsBorrowedAndLeftOpen() throws Exception {
        try (Connection mine = nats.server().connect()) {
            long before = connections(nats.server());
            // Autowired: the only one of its type in the registry.
            try (DefaultCamelContext context = new DefaultCamelContext()) {
                context.getRegistry().bind("mine", mine);
                context.getComponent("nats-kv", NatsKvComponent.class)
                        .getConfiguration()
                        .setRequestTimeout(PATIENCE_MILLIS);
                Received received = new Received();
                context.addRoutes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("nats-kv:" + bucket.name()).process(received);
                        from("direct:in").to("nats-kv:" + bucket.name() + "?key=a");
                    }
                });
                context.start();
                context.createProducerTemplate().sendBody("direct:in", "1");
                received.await("1 PUT a=1");
                assertThat(connections(nats.server())).isEqualTo(before);
                assertThat(context.getComponent("nats-kv", NatsKvComponent.class)
                                .connections()
                                .size())
                        .isZero();
            }
            assertThat(mine.getStatus()).isEqualTo(Connection.Status.CONNECTED);
        }
    }

    @Test
    @SuppressWarnings("try") // closing a connection can be interrupted
    void anEndpointCanNameItsConnection() throws Exception {
        try (Connection mine = nats.server().connect()) {
            camel.context.getRegistry().bind("mine", mine);
            camel.component.getConfiguration().setServers("nats://127.0.0.1:1");
            Received received = new Received();
            camel.route("r", "nats-kv:" + bucket.name() + "?connection=#mine", received);
            bucket.put("a", "1");
            received.await("1 PUT a=1");
            camel.context.stop();
            assertThat(mine.getStatus()).isEqualTo(Connection.Status.CONNECTED);
        }
    }

    @Test
    @SuppressWarnings("try") // closing a connection can be interrupted
    void aBorrowedConnectionKeepsNoListeners() throws Exception {
        try (Connection mine = nats.server().connect()) {
            AtomicInteger listeners = new AtomicInteger();
            AtomicInteger added = new AtomicInteger();
            camel.context.getRegistry().bind("mine", counting(mine, listeners, added));
            camel.context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:in").to("nats-kv:" + bucket.name() + "?key=a&connection=#mine");
                }
            });
            camel.route("r", "nats-kv:" + bucket.name() + "?connection=#mine", exchange -> {});
            assertThat(listeners.get()).isEqualTo(2);
            for (int i = 0; i < 20; i++) {
                camel.context.getRouteController().stopRoute("r");
                camel.context.getRouteController().startRoute("r");
            }
            assertThat(added.get()).isEqualTo(22);
            assertThat(listeners.get()).isEqualTo(2);

            camel.context.getRouteController().stopRoute("r");
            mine.close();
            for (int i = 0; i < 20; i++) {
                assertThat(camel.send(
                                        "direct:in",
                                        exchange -> exchange.getMessage().setBody("v"))
                                .getException())
                        .isInstanceOf(KvException.class)
                        .hasMessageContaining("option connection");
            }
            assertThat(added.get()).isEqualTo(22);
            camel.context.stop();
            assertThat(listeners.get()).isZero();
        }
    }

    /** The connection itself, with its listeners counted. */
    private static Connection counting(Connection connection, AtomicInteger listeners, AtomicInteger added) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if ("addConnectionListener".equals(method.getName())) {
                        listeners.incrementAndGet();
                        added.incrementAndGet();
                    } else if ("removeConnectionListener".equals(method.getName())) {
                        listeners.decrementAndGet();
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void userAndPassword() throws Exception {
        try (NatsServer secured = NatsServer.builder()
                .config("authorization { user: u, password: \"p+w%d\" }")
                .start()) {
            startsWith(secured, Map.of("username", "u", "password", "p+w%d"));
            refuses(secured, Map.of("username", "u", "password", "not-this"));
        }
    }

    @Test
    void token() throws Exception {
        try (NatsServer secured =
                NatsServer.builder().config("authorization { token: s3cr3t }").start()) {
            startsWith(secured, Map.of("token", "s3cr3t"));
            refuses(secured, Map.of("token", "not-this"));
        }
    }

    @Test
    void nkey() throws Exception {
        NKey key = NKey.createUser(null);
        try (NatsServer secured = NatsServer.builder()
                .config("authorization { users: [ { nkey: " + new String(key.getPublicKey()) + " } ] }")
                .start()) {
            startsWith(secured, Map.of("privateKey", new String(key.getSeed())));
            refuses(
                    secured,
                    Map.of("privateKey", new String(NKey.createUser(null).getSeed())));
        }
    }

    /** With the server's certificate in the SSL context parameters it starts; with the JVM's own trust it does not. */
    @Test
    void tls(@TempDir Path folder) throws Exception {
        Path store = selfSigned(folder);
        try (NatsServer secured = NatsServer.builder()
                .config("tls { cert_file: \"" + folder.resolve("cert.pem") + "\", key_file: \""
                        + folder.resolve("key.pem") + "\" }")
                .start()) {
            KeyStoreParameters trusted = new KeyStoreParameters();
            trusted.setType("PKCS12");
            trusted.setResource("file:" + store);
            trusted.setPassword(STORE_PASSWORD);
            TrustManagersParameters trust = new TrustManagersParameters();
            trust.setKeyStore(trusted);
            SSLContextParameters parameters = new SSLContextParameters();
            parameters.setTrustManagers(trust);
            try (DefaultCamelContext context =
                    context(secured, PATIENCE_MILLIS, Map.of("sslContextParameters", "#tls"))) {
                context.getRegistry().bind("tls", parameters);
                putAndGet(context);
            }
            try (DefaultCamelContext context = context(secured, PATIENCE_MILLIS, Map.of("secure", "true"))) {
                assertThatThrownBy(context::start).hasStackTraceContaining("TLS with NATS");
            }
        }
    }

    @Test
    void aJetStreamDomainIsReached() throws Exception {
        try (NatsServer hub =
                NatsServer.builder().jetStreamConfig("domain: hub").start()) {
            startsWith(hub, Map.of("jetstreamDomain", "hub"));
        }
    }

    /** A connection that only stands in the registry is another server than the one that the endpoint names. */
    @Test
    void whatAnEndpointSaysOfItsServersBeatsTheConnectionOfTheComponent() throws Exception {
        camel.component.getConfiguration().setConnection(camel.connection.nats());
        try (NatsServer other = NatsServer.builder().start();
                Fixture there = new Fixture(other.url())) {
            KvBucket elsewhere = there.newBucket();
            camel.send(
                    "nats-kv:" + elsewhere.name() + "?key=k&servers=" + other.url(),
                    exchange -> exchange.getMessage().setBody("v"));
            assertThat(elsewhere.get("k")).isNotNull();
        }
        assertThat(camel.context
                        .getEndpoint("nats-kv:" + bucket.name() + "?key=k", NatsKvEndpoint.class)
                        .getConfiguration()
                        .getConnection())
                .isSameAs(camel.connection.nats());
        camel.context.getRegistry().bind("given", camel.connection.nats());
        assertThatThrownBy(() -> camel.context.getEndpoint("nats-kv:b?connection=#given&token=t&servers=nats://h"))
                .hasStackTraceContaining("connection: not together with servers, token");
    }

    @Test
    void secretsDoNotShowInTheUri() throws Exception {
        camel.context.start();
        String shown = camel.context
                .getEndpoint(
                        "nats-kv:" + bucket.name()
                                + "?username=u&password=hidden&token=hidden&privateKey=hidden&userAuthenticationCredentials=RAW(hidden)")
                .toString();
        assertThat(shown).contains(bucket.name()).doesNotContain("hidden");
    }

    @Test
    void theServiceUrlHasNoUserInfo() throws Exception {
        camel.context.start();
        NatsKvEndpoint endpoint = camel.context.getEndpoint(
                "nats-kv:b?servers=RAW(nats://u:hidden@one:4222,tls://two:4222)", NatsKvEndpoint.class);
        assertThat(endpoint.getServiceUrl()).isEqualTo("nats://one:4222,tls://two:4222");
        assertThat(endpoint.getServiceProtocol()).isEqualTo("nats");
    }

    private static void startsWith(NatsServer server, Map<String, String> options) throws Exception {
        try (DefaultCamelContext context = context(server, PATIENCE_MILLIS, options)) {
            putAndGet(context);
        }
    }

    private static void putAndGet(DefaultCamelContext context) {
        context.start();
        context.createProducerTemplate().sendBody("direct:in", "v");
        assertThat(context.createProducerTemplate()
                        .requestBodyAndHeader("direct:in", null, NatsKvConstants.OPERATION, "GET", String.class))
                .isEqualTo("v");
    }

    /** A key with a certificate for 127.0.0.1, as a PKCS12 store and as cert.pem and key.pem beside it. */
    private static Path selfSigned(Path folder) throws Exception {
        Path store = folder.resolve("server.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        STORE_PASSWORD,
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=ip:127.0.0.1")
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance(store.toFile(), STORE_PASSWORD.toCharArray());
        Files.writeString(
                folder.resolve("cert.pem"),
                pem("CERTIFICATE", keys.getCertificate("server").getEncoded()));
        Files.writeString(
                folder.resolve("key.pem"),
                pem(
                        "PRIVATE KEY",
                        keys.getKey("server", STORE_PASSWORD.toCharArray()).getEncoded()));
        return store;
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END " + kind
                + "-----\n";
    }

    private static void refuses(NatsServer server, Map<String, String> options) throws Exception {
        String refusal = "refused the credentials";
        // The client waits until its time is over, however soon the refusal comes: a long one only where it comes late.
        Throwable told = startFails(server, 2_000, options);
        if (Throwables.getStackTrace(told).contains(UnavailableException.class.getName())) {
            told = startFails(server, PATIENCE_MILLIS, options);
        }
        // Any other failure is shown with all its causes.
        assertThat(told)
                .hasStackTraceContaining(refusal)
                .satisfies(e -> options.values().stream()
                        .filter(value -> value.length() > 1)
                        .forEach(value -> assertThat(e).message().doesNotContain(value)));
    }

    private static Throwable startFails(NatsServer server, long timeoutMillis, Map<String, String> options)
            throws Exception {
        try (DefaultCamelContext context = context(server, timeoutMillis, options)) {
            Throwable told = catchThrowable(context::start);
            assertThat(told).isNotNull();
            return told;
        }
    }

    private static DefaultCamelContext context(NatsServer server, long timeoutMillis, Map<String, String> options)
            throws Exception {
        DefaultCamelContext context = new DefaultCamelContext();
        StringBuilder uri = new StringBuilder("nats-kv:" + Fixture.newName() + "?key=k&createBucket=true")
                .append("&connectionTimeout=" + timeoutMillis)
                .append("&requestTimeout=" + PATIENCE_MILLIS)
                .append("&servers=" + server.url());
        options.forEach((name, value) ->
                uri.append('&').append(name).append("=RAW(").append(value).append(')'));
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:in").to(uri.toString());
            }
        });
        return context;
    }

    private static long connections(NatsServer server) throws Exception {
        Matcher matcher = Pattern.compile("\"num_connections\": (\\d+)").matcher(monitor(server, "connz"));
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    private static String monitor(NatsServer server, String page) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(server.monitorUrl() + "/" + page))
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }
}
