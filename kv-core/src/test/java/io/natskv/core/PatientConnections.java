package io.natskv.core;

import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import java.time.Duration;
import java.util.List;

/** Connections for tests of something else: their time-outs are long, because a machine that stalls is no reason to fail. */
public final class PatientConnections {
    /** To connect; also what jnats waits for the answer to a request that is made past {@link KvConnection}. */
    public static final Duration CONNECT = Duration.ofSeconds(20);

    private static final Duration REQUEST = Duration.ofSeconds(30);

    private PatientConnections() {}

    public static KvConnection open(String... servers) {
        return KvConnection.open(to(servers).build());
    }

    public static NatsConnectionConfig.Builder to(String... servers) {
        return NatsConnectionConfig.builder()
                .servers(List.of(servers))
                .connectTimeout(CONNECT)
                .requestTimeout(REQUEST);
    }
}
