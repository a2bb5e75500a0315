package io.natskv.core.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connect.LiveCheck;
import io.natskv.core.connect.LiveCheck.Finding;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.process.TempFolder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A connector's settings against a server that speaks TLS: what fails shows on the setting for TLS. */
class LiveCheckTlsTest {
    private static TempFolder folder;
    private static TempFolder otherFolder;
    private static Certificates ours;
    private static Certificates others;
    private static NatsServer server;

    @BeforeAll
    static void start() {
        folder = TempFolder.create("tls");
        otherFolder = TempFolder.create("tls-other");
        ours = Certificates.make(folder.path(), Certificates.Wish.of("server", "-ext", "san=dns:localhost"));
        others = Certificates.make(otherFolder.path());
        server = NatsServer.builder()
                .config("tls {\n" + ours.serverConfig("server") + "}")
                .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        folder.close();
        otherFolder.close();
    }

    @Test
    void whoseAuthorityIsTrustedIsConnectedTo() {
        assertThat(check("localhost", ours.caPem())).isEmpty();
    }

    @Test
    void anUnknownAuthorityShowsOnTheTrustedCertificates() {
        assertThat(check("localhost", others.caPem()))
                .extracting(Finding::setting)
                .containsExactly(ConnectionSettings.TLS_TRUSTED_CERTIFICATES);
    }

    @Test
    void anotherHostNameShowsOnTheTlsSettings() {
        assertThat(check("127.0.0.1", ours.caPem()))
                .extracting(Finding::setting)
                .containsExactly(ConnectionSettings.TLS_TRUSTED_CERTIFICATES);
    }

    private static List<Finding> check(String host, String authority) {
        Map<String, String> settings = new HashMap<>();
        settings.put(ConnectionSettings.SERVERS, "tls://" + host + ":" + server.port());
        settings.put(ConnectionSettings.TLS_TRUSTED_CERTIFICATES, authority);
        return LiveCheck.run(settings, List.of(), "kv.buckets");
    }
}
