import io.natskv.testing.nats.NatsServerBinary;
import io.natskv.testing.nats.NatsVersion;

/** Prints the path of the newest nats-server that the tests use, which is fetched if need be. */
class NatsServerPath {
    public static void main(String[] args) {
        System.out.println(NatsServerBinary.of(NatsVersion.latest(), System.err::println));
    }
}
