package io.natskv.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;

/** Asks a Connect worker by its REST API; changes nothing. */
public final class ConnectClient {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int FIRST_ERROR = 400;
    private static final int ATTEMPTS = 10;
    private static final int LONGEST_REASON = 120;
    private static final Pattern ADDRESS = Pattern.compile("(?<scheme>[^/]*://)(?<user>[^/]*)@(?<rest>.*)");
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(5))
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();
    private final String url;
    private final String authorization;

    /**
     * A worker at this address.
     *
     * @param user for basic authentication; null for none
     */
    public ConnectClient(String url, String user, String password) {
        // What stands before the @ is a secret, which no message may hold.
        Matcher parts = ADDRESS.matcher(url);
        String inUrl = parts.matches() ? parts.group("user") : null;
        String bare = inUrl == null ? url : parts.group("scheme") + parts.group("rest");
        this.url = bare.endsWith("/") ? bare.substring(0, bare.length() - 1) : bare;
        String credentials = user != null
                ? user + ":" + (password == null ? "" : password)
                : inUrl == null ? null : URLDecoder.decode(inUrl.replace("+", "%2B"), StandardCharsets.UTF_8);
        this.authorization = credentials == null
                ? null
                : "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    /** The names of all connectors. */
    public List<String> connectors() {
        return StreamSupport.stream(get("/connectors").spliterator(), false)
                .map(JsonNode::asText)
                .sorted()
                .toList();
    }

    /** The configuration of a connector. */
    public Map<String, String> config(String connector) {
        Map<String, String> settings = new TreeMap<>();
        get(path(connector) + "/config").properties().stream()
                .filter(field -> !field.getValue().isNull()) // which means that it is not set
                .forEach(field -> settings.put(field.getKey(), field.getValue().asText()));
        return settings;
    }

    /** The states of a connector and its tasks. */
    public JsonNode status(String connector) {
        return get(path(connector) + "/status");
    }

    /** What is committed: a list of partition and offset. */
    public JsonNode offsets(String connector) {
        return get(path(connector) + "/offsets").path("offsets");
    }

    private static String path(String connector) {
        // Meant for forms, where a space is "+"; in a path it is %20.
        return "/connectors/"
                + URLEncoder.encode(connector, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private JsonNode get(String path) {
        HttpResponse<String> response = send(path);
        // While the workers rebalance.
        for (int attempt = 1; response.statusCode() == CONFLICT && attempt < ATTEMPTS; attempt++) {
            pause();
            response = send(path);
        }
        if (response.statusCode() == UNAUTHORIZED || response.statusCode() == FORBIDDEN) {
            throw new ToolException("The worker at " + url + " does not let this user ask for " + path + " ("
                    + response.statusCode() + "): see --connect-user and CONNECT_PASSWORD");
        }
        try {
            JsonNode answer = json.readTree(response.body());
            if (response.statusCode() == NOT_FOUND) {
                throw new ToolException("The worker at " + url + " knows no " + path + ": "
                        + answer.path("message").asText());
            }
            if (response.statusCode() >= FIRST_ERROR) {
                throw new ToolException("The worker at " + url + " refuses " + path + " (" + response.statusCode()
                        + "): " + answer.path("message").asText());
            }
            return answer;
        } catch (JsonProcessingException e) {
            throw new ToolException("What answers at " + url + " is no Connect worker (" + response.statusCode() + ")");
        }
    }

    private HttpResponse<String> send(String path) {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(url + path)).timeout(LIMIT);
            if (authorization != null) {
                request.header("Authorization", authorization);
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ToolException(
                    "No Connect worker answers at " + url + " (" + shortened(e.toString())
                            + "); give its address by --connect",
                    e);
        } catch (IllegalArgumentException e) {
            throw new ToolException("\"" + url + "\" is no address of a Connect worker, as http://localhost:8083", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("Interrupted", e);
        }
    }

    /** What answers may be no HTTP server, and is quoted then. */
    private static String shortened(String reason) {
        return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + " ...";
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("Interrupted", e);
        }
    }
}
