package io.natskv.tools;

import picocli.CommandLine.Option;

/** How to reach a Connect worker. */
public final class ConnectOptions {
    private static final String DEFAULT_URL = "http://127.0.0.1:8083";

    @Option(
            names = {"-c", "--connect"},
            paramLabel = "URL",
            description = "REST API of a Connect worker (CONNECT_URL; " + DEFAULT_URL + ").")
    private String url;

    @Option(
            names = "--connect-user",
            paramLabel = "NAME",
            description = "User of the REST API (CONNECT_USER); the password is in CONNECT_PASSWORD.")
    private String user;

    /** A worker's REST API. */
    public ConnectClient client() {
        String found = url != null ? url : System.getenv().getOrDefault("CONNECT_URL", DEFAULT_URL);
        String name = user != null ? user : System.getenv("CONNECT_USER");
        return new ConnectClient(found, name, System.getenv("CONNECT_PASSWORD"));
    }
}
