package io.natskv.core.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.natskv.core.PatientConnections;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.TlsConfig.Secret;
import io.natskv.core.connection.TlsConfig.Store;
import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import io.natskv.core.error.TlsException;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.FreePorts;
import io.natskv.testing.process.TempFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS against real servers: whom we trust, who we are, and what is said when it fails. */
class TlsTest {
    /** Closed all at once: over TLS, each takes jnats a second. */
    private static final Queue<KvConnection> OPENED = new ConcurrentLinkedQueue<>();

    private static TempFolder folder;
    private static TempFolder otherFolder;
    private static Certificates ours;
    private static Certificates others;
    /** Its certificate names localhost, and no IP address. */
    private static NatsServer server;

    private static NatsServer demanding;

    @BeforeAll
    static void start() {
        folder = TempFolder.create("tls");
        otherFolder = TempFolder.create("tls-other");
        ours = Certificates.make(
                folder.path(),
                Certificates.Wish.of("server", "-ext", "san=dns:localhost"),
                Certificates.Wish.of("expired", "-ext", "san=dns:localhost", "-startdate", "-10d", "-validity", "5"),
                Certificates.Wish.of("client"));
        others = Certificates.make(otherFolder.path());
        server = start(NatsVersion.latest(), "tls {\n" + ours.serverConfig("server") + "}");
        demanding = start(
                NatsVersion.V2_10, "tls {\n" + ours.serverConfig("server") + ours.demandClientCertificates() + "}");
    }

    @AfterAll
    static void stop() throws InterruptedException {
        List<Thread> closing =
                OPENED.stream().map(open -> new Thread(open::close)).toList();
        closing.forEach(Thread::start);
        for (Thread thread : closing) {
            thread.join();
        }
        server.close();
        demanding.close();
        folder.close();
        otherFolder.close();
    }

    private static NatsServer start(NatsVersion version, String config) {
        return NatsServer.builder().version(version).config(config).start();
    }

    private static TlsConfig trusting(String pem) {
        return new TlsConfig(
                Optional.empty(), Optional.of(pem), Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    private static TlsConfig trusting(Store store) {
        return new TlsConfig(
                Optional.of(store), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    private static TlsConfig withoutHostname(TlsConfig tls) {
        return new TlsConfig(
                tls.trustStore(),
                tls.trustedCertificates(),
                tls.keyStore(),
                tls.certificateChain(),
                tls.privateKey(),
                false);
    }

    private static TlsConfig as(TlsConfig tls, String chain, String key) {
        return new TlsConfig(
                tls.trustStore(),
                tls.trustedCertificates(),
                Optional.empty(),
                Optional.of(chain),
                Optional.of(new Secret(key)),
                true);
    }

    private static TlsConfig as(TlsConfig tls, Store keyStore) {
        return new TlsConfig(
                tls.trustStore(),
                tls.trustedCertificates(),
                Optional.of(keyStore),
                Optional.empty(),
                Optional.empty(),
                true);
    }

    private static NatsConnectionConfig.Builder to(String scheme, String host, NatsServer to) {
        return PatientConnections.to(scheme + "://" + host + ":" + to.port());
    }

    private static NatsConnectionConfig.Builder byName(NatsServer to) {
        return to("tls", "localhost", to);
    }

    /** Opens, and proves that the connection carries a put and a get. */
    private static void works(NatsConnectionConfig.Builder config) {
        KvConnection connection = KvConnection.open(config.build());
        OPENED.add(connection);
        KvBucket bucket = new KvBuckets(connection)
                .create(BucketConfig.of(UUID.randomUUID().toString()));
        bucket.put("key", "value");
        assertThat(bucket.get("key").value()).asString().isEqualTo("value");
    }

    private static KvException fails(NatsConnectionConfig.Builder config) {
        NatsConnectionConfig built = config.build();
        KvException failure = catchThrowableOfType(
                KvException.class, () -> KvConnection.open(built).close());
        assertThat(failure).isNotNull();
        return failure;
    }

    private static void refused(NatsConnectionConfig.Builder config, String... why) {
        assertThat(fails(config))
                .hasMessageStartingWith("TLS with NATS at " + config.build().displayServers() + " failed: ")
                .hasMessageContainingAll(why)
                .isInstanceOf(TlsException.class)
                .extracting(KvException::errorClass)
                .isEqualTo(ErrorClass.FATAL);
    }

    @ParameterizedTest
    @EnumSource(NatsVersion.class)
    void trustsTheAuthorityOfAPemText(NatsVersion version) {
        try (NatsServer own = start(version, "tls {\n" + ours.serverConfig("server") + "}")) {
            works(byName(own).tls(trusting(ours.caPem())));
        }
    }

    @Test
    void trustsEachAuthorityOfAPemText() {
        works(byName(server).tls(trusting(others.caPem() + "\n" + ours.caPem())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS"})
    void trustsTheAuthorityOfAStore(String type) {
        works(byName(server).tls(trusting(ours.trustStore(type))));
    }

    @Test
    void asksForTlsUnderThePlainSchemeToo() {
        works(to("nats", "localhost", server).tls(trusting(ours.caPem())));
    }

    @Test
    void takesAContextMadeElsewhere() {
        works(byName(server).tls(trusting(others.caPem())).sslContext(TlsContexts.of(trusting(ours.caPem()))));
    }

    @Test
    void refusesTheCertificateOfAnotherAuthority() {
        refused(byName(server).tls(trusting(others.caPem())), "PKIX path");
        refused(byName(server).tls(withoutHostname(trusting(others.trustStore("PKCS12")))), "PKIX path");
    }

    @Test
    void theSchemeAloneTrustsTheAuthoritiesOfTheJvmOnly() {
        refused(byName(server), "PKIX path");
    }

    @Test
    void refusesACertificateForAnotherHostUnlessToldNotToLook() {
        TlsConfig tls = trusting(ours.caPem());
        refused(to("tls", "127.0.0.1", server).tls(tls), "127.0.0.1");
        works(to("tls", "127.0.0.1", server).tls(withoutHostname(tls)));
    }

    @Test
    void refusesAnExpiredCertificate() {
        try (NatsServer expired = start(NatsVersion.latest(), "tls {\n" + ours.serverConfig("expired") + "}")) {
            refused(byName(expired).tls(trusting(ours.caPem())), "validity check failed");
            refused(byName(expired).tls(withoutHostname(trusting(ours.caPem()))), "validity check failed");
        }
    }

    @Test
    void showsTheServerACertificateFromPem() {
        works(byName(demanding).tls(as(trusting(ours.caPem()), ours.chainPem("client"), ours.keyPem("client"))));
    }

    @Test
    void showsTheServerACertificateFromAStore() {
        works(byName(demanding)
                .tls(as(trusting(ours.caPem()), ours.keyStore("client", "PKCS12", Certificates.PASSWORD))));
        works(byName(demanding)
                .tls(as(trusting(ours.trustStore("JKS")), ours.keyStore("client", "JKS", "key-password"))));
    }

    @Test
    void tellsWhenTheServerRefusesOurCertificate() {
        TlsConfig tls = as(trusting(ours.caPem()), others.chainPem("ca"), others.keyPem("ca"));
        for (TlsConfig refused : List.of(tls, trusting(ours.caPem()))) {
            assertThat(fails(byName(demanding)
                            .connectTimeout(Duration.ofSeconds(1))
                            .tls(refused)))
                    .hasMessageStartingWith("Can't connect to NATS at tls://localhost:")
                    .hasMessageContaining("demands a client certificate");
        }
    }

    @Test
    void tellsWhenOneSideWantsTlsAndTheOtherDoesNot() {
        refused(to("nats", "localhost", server), "SSL required by server");
        try (NatsServer plain = NatsServer.start(NatsVersion.latest())) {
            refused(byName(plain), "SSL connection wanted by client");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"V2_10", "V2_15"})
    void startsTlsBeforeTheServerSpeaks(NatsVersion version) {
        try (NatsServer first = start(version, "tls {\n" + ours.serverConfig("server") + "handshake_first: true\n}")) {
            works(to("nats", "localhost", first).tls(trusting(ours.caPem())).tlsFirst(true));
        }
    }

    @Test
    void verifiesTheHostOverAWebSocketToo() {
        int port = FreePorts.next();
        try (NatsServer own = start(
                NatsVersion.latest(),
                "websocket { host: 127.0.0.1, port: " + port + ", tls {\n" + ours.serverConfig("server") + "} }")) {
            TlsConfig tls = trusting(ours.caPem());
            works(PatientConnections.to("wss://localhost:" + port)
                    .ignoreDiscoveredServers(true)
                    .tls(tls));
            NatsConnectionConfig.Builder byAddress =
                    PatientConnections.to("wss://127.0.0.1:" + port).tls(tls);
            refused(byAddress, "127.0.0.1");
            assertThat(own.alive()).isTrue();
        }
    }

    @Test
    void comesBackOverTls() {
        try (NatsServer own = start(NatsVersion.latest(), "tls {\n" + ours.serverConfig("server") + "}")) {
            KvConnection connection =
                    KvConnection.open(byName(own).tls(trusting(ours.caPem())).build());
            OPENED.add(connection);
            own.kill();
            own.restart();
            ReconnectTest.await(() -> connection.reconnects() == 1);
        }
    }

    private static void unusable(TlsConfig tls, String... message) {
        assertThatThrownBy(
                        () -> KvConnection.open(byName(server).tls(tls).build()).close())
                .hasMessageContainingAll(message)
                .satisfies(e -> assertThat(e.toString())
                        .doesNotContain(Certificates.PASSWORD)
                        .doesNotContain("wrong"))
                .isInstanceOf(TlsException.class);
    }

    @Test
    void namesTheStoreOrTextThatCantBeUsed() throws IOException {
        TlsConfig trusting = trusting(ours.caPem());
        UnaryOperator<Store> wrongPassword =
                store -> new Store(store.path(), store.type(), new Secret("wrong"), store.keyPassword());
        Path missing = folder.path().resolve("missing.p12");
        unusable(
                trusting(new Store(missing, "PKCS12", new Secret("wrong"), Optional.empty())),
                "TLS trust store " + missing + " (PKCS12) can't be used: no such file");
        unusable(
                trusting(wrongPassword.apply(ours.trustStore("JKS"))),
                "TLS trust store ",
                "trust-JKS (JKS) can't be used: ",
                "password");
        unusable(
                as(trusting, wrongPassword.apply(ours.keyStore("client", "PKCS12", Certificates.PASSWORD))),
                "TLS key store ",
                "password");
        Store otherKeyPassword = ours.keyStore("client", "JKS", "key-password");
        unusable(
                as(
                        trusting,
                        new Store(
                                otherKeyPassword.path(),
                                "JKS",
                                otherKeyPassword.password(),
                                Optional.of(new Secret("wrong")))),
                "TLS key store's key can't be used");
        Path text = Files.writeString(folder.path().resolve("text.p12"), "no store");
        unusable(
                trusting(new Store(text, "PKCS12", new Secret("wrong"), Optional.empty())),
                "TLS trust store " + text + " (PKCS12) can't be used");
        unusable(trusting(new Store(text, "PKCS13", new Secret("wrong"), Optional.empty())), "PKCS13");
        unusable(trusting("no certificate"), "TLS trusted certificates can't be used");
        unusable(trusting(""), "TLS trusted certificates can't be used: no certificate");
        unusable(as(trusting, "", ours.keyPem("client")), "TLS certificate chain can't be used: no certificate");
        String rsa = ours.keyPem("client").replace("PRIVATE KEY", "RSA PRIVATE KEY");
        unusable(as(trusting, ours.chainPem("client"), rsa), "private key", "PKCS#8");
        unusable(
                as(trusting, ours.chainPem("client"), "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----"),
                "private key",
                "neither RSA, EC nor EdDSA");
    }
}
