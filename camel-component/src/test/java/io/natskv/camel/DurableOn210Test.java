package io.natskv.camel;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import org.junit.jupiter.api.extension.RegisterExtension;

class DurableOn210Test extends DurableContract {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_10);

    DurableOn210Test() {
        super(NATS);
    }
}
