package io.natskv.camel;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import org.junit.jupiter.api.extension.RegisterExtension;

class OperationsOn210Test extends OperationsContract {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_10);

    OperationsOn210Test() {
        super(NATS, NatsVersion.V2_10);
    }
}
