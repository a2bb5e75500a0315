package io.natskv.core.fault;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import org.junit.jupiter.api.extension.RegisterExtension;

class PermissionsOn29Test extends PermissionContract {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(
            NatsServer.builder().version(NatsVersion.V2_9).config(CONFIG));

    @Override
    NatsServer server() {
        return NATS.server();
    }
}
