package io.natskv.camel;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import org.junit.jupiter.api.extension.RegisterExtension;

class OperationsOn29Test extends OperationsContract {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_9);

    OperationsOn29Test() {
        super(NATS, NatsVersion.V2_9);
    }
}
