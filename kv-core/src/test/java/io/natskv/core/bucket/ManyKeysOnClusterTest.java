package io.natskv.core.bucket;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import org.junit.jupiter.api.extension.RegisterExtension;

class ManyKeysOnClusterTest extends ManyKeysContract {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.cluster(NatsVersion.V2_15);

    @Override
    NatsServer server() {
        return NATS.cluster().node(0);
    }

    @Override
    int replicas() {
        return 3;
    }
}
