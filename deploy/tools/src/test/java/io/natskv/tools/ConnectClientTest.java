package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers that a worker gives only in a state or behind a proxy that no test puts it into; for the others see LagIT. */
class ConnectClientTest {
    private HttpServer worker;
    private int status = 200;
    private String answer = "";

    @BeforeEach
    void start() throws IOException {
        worker = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        worker.createContext("/", exchange -> {
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        worker.start();
    }

    @AfterEach
    void stop() {
        worker.stop(0);
    }

    private ConnectClient client() {
        return new ConnectClient("http://127.0.0.1:" + worker.getAddress().getPort(), null, null);
    }

    @Test
    void aSettingThatIsNullIsNotThere() {
        answer = "{\"name\": \"c\", \"kv.key.filters\": null, \"tasks.max\": 2}";
        assertThat(client().config("c")).isEqualTo(Map.of("name", "c", "tasks.max", "2"));
    }

    @Test
    void aWorkerThatAsksForAPasswordIsNoMystery() {
        status = 401;
        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> client().connectors())
                .withMessageContainingAll("401", "--connect-user", "CONNECT_PASSWORD");
    }

    @Test
    void aProxyThatAnswersInItsPlaceIsNamed() {
        status = 502;
        answer = "<html>bad gateway</html>";
        assertThatExceptionOfType(ToolException.class)
                .isThrownBy(() -> client().connectors())
                .withMessageContainingAll("no Connect worker", "502");
    }
}
