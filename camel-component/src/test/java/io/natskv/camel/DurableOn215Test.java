package io.natskv.camel;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import org.junit.jupiter.api.extension.RegisterExtension;

class DurableOn215Test extends DurableContract {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    DurableOn215Test() {
        super(NATS);
    }
}
