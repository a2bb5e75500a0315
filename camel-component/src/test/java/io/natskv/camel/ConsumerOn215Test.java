package io.natskv.camel;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsVersion;
import org.junit.jupiter.api.extension.RegisterExtension;

class ConsumerOn215Test extends ConsumerContract {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.V2_15);

    ConsumerOn215Test() {
        super(NATS);
    }
}
