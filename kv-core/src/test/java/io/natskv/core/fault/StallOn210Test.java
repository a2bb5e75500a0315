package io.natskv.core.fault;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import org.junit.jupiter.api.extension.RegisterExtension;

class StallOn210Test extends StallContract {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_10);

    @Override
    NatsServer server() {
        return NATS.server();
    }
}
