package io.natskv.core.connection;

import io.nats.client.impl.NatsServerPool;
import io.nats.client.support.NatsUri;
import java.net.URISyntaxException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The servers to try, in jnats' own order. jnats closes a connection for good, whatever the number of reconnects allowed, when a server refuses
 * the credentials twice in a row with the same words. It finds the earlier refusal under the server's address; here each attempt has an address
 * that is not found, so that the connection comes back once credentials or server are put right.
 */
final class Addresses extends NatsServerPool {
    private final AtomicInteger attempts = new AtomicInteger();

    @Override
    public NatsUri peekNextServer() {
        return attempt(super.peekNextServer());
    }

    @Override
    public NatsUri nextServer() {
        return attempt(super.nextServer());
    }

    private NatsUri attempt(NatsUri server) {
        try {
            return server == null ? null : new Attempt(server, attempts.incrementAndGet());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("An address that was read before is malformed", e);
        }
    }

    /**
     * Equal to the server's address, which is how jnats notices that it has been round all servers, but with a hash code of its own, by
     * which the look-up of an earlier refusal misses. This breaks the contract of {@code hashCode} on purpose; nothing else hashes addresses.
     */
    private static final class Attempt extends NatsUri {
        private final int number;

        private Attempt(NatsUri server, int number) throws URISyntaxException {
            super(server.getUri());
            this.number = number;
        }

        @Override
        public boolean equals(Object other) {
            return super.equals(other);
        }

        @Override
        public int hashCode() {
            return number;
        }
    }
}
