package io.natskv.testingtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import io.natskv.testing.process.Sockets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

class NatsServerExtensionTest {
    @Nested
    class OfTheClass {
        @RegisterExtension
        static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

        private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

        @RepeatedTest(3)
        void isTheSameAndRunsAgainThoughTheLastTestBrokeIt(NatsServer server, RepetitionInfo repetition) {
            SEEN.add(server.url());
            assertThat(SEEN).containsExactly(NATS.url());
            assertThat(server.paused()).isFalse();
            assertThat(Sockets.accepts(server.port())).isTrue();

            if (repetition.getCurrentRepetition() == 1) {
                server.kill();
            } else {
                server.pause();
            }
        }
    }

    @Nested
    class OfTheTest {
        private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

        @RegisterExtension
        final NatsServerExtension nats = NatsServerExtension.server(NatsVersion.latest());

        @RepeatedTest(2)
        void isANewOne(NatsServer server) {
            assertThat(server).isSameAs(nats.server());
            assertThat(server.alive()).isTrue();
            assertThat(SEEN.add(server.url())).isTrue();
        }
    }
}
