package io.natskv.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.DecoderFactory;

/** The one request of a schema registry that a converter makes to write: it takes schemas, and gives them numbers. In the form of Apicurio's API. */
final class SchemaRegistry implements AutoCloseable {
    private static final int ID_END = 1 + Integer.BYTES;

    private final List<String> schemas = new CopyOnWriteArrayList<>();
    private final HttpServer server;

    SchemaRegistry() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Settings of a converter that writes Avro and registers its schemas here. */
    Map<String, String> converter(String setting) {
        return Map.of(
                setting,
                "io.apicurio.registry.utils.converter.AvroConverter",
                setting + ".apicurio.registry.url",
                "http://127.0.0.1:" + server.getAddress().getPort() + "/apis/registry/v2",
                setting + ".apicurio.registry.auto-register",
                "true",
                // As most read it: a zero and the number before the value.
                setting + ".apicurio.registry.headers.enabled",
                "false",
                setting + ".apicurio.registry.as-confluent",
                "true");
    }

    /** What such a converter has written, by Avro's own reader and the schema that was registered. */
    Object read(byte[] written) throws IOException {
        int id = ByteBuffer.wrap(written, 1, Integer.BYTES).getInt();
        Schema schema = new Schema.Parser().parse(schemas.get(id - 1));
        return new GenericDatumReader<>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(written, ID_END, written.length - ID_END, null));
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode body = Plugin.JSON.readTree(exchange.getRequestBody());
            if (!exchange.getRequestMethod().equals("POST")
                    || !exchange.getRequestURI().getPath().endsWith("/artifacts")) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            int id;
            synchronized (schemas) {
                if (!schemas.contains(body.toString())) {
                    schemas.add(body.toString());
                }
                id = schemas.indexOf(body.toString()) + 1;
            }
            byte[] answer = Plugin.JSON
                    .writeValueAsString(Map.of(
                            "id", "schema-" + id, "version", "1", "type", "AVRO", "globalId", id, "contentId", id))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
