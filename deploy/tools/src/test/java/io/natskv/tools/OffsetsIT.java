package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.natskv.core.bucket.BucketConfig;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Offsets that sinks have stored in their buckets. */
class OffsetsIT extends ConnectorCase {
    @Test
    void offsetsOfAnExactlyOnceSinkAreShownAndRemoved() throws Exception {
        bucket(BucketConfig.of(name));
        createTopic(2, Map.of());
        send(0, 40);
        startConnector(sink(Map.of("delivery", "exactly_once")));
        await().atMost(SOON)
                .until(() -> Run.of("offsets", "list", name, "-s", servers.natsUrl(), "--json")
                                        .json()
                                        .size()
                                == 2
                        && lag("-b", servers.bootstrap()).path(0).path("lag").asInt(-1) == 0);
        JsonNode lag = lag("-b", servers.bootstrap()).get(0);
        assertThat(lag.get("positions")).hasSize(2);
        assertThat(lag.at("/positions/0/note").asText()).startsWith("stored in the bucket");

        JsonNode listed = Run.of("offsets", "list", name, "-s", servers.natsUrl(), "--json")
                .json();
        assertThat(listed).hasSize(2);
        assertThat(StreamSupport.stream(listed.spliterator(), false)
                        .mapToLong(offset -> offset.get("next").asLong())
                        .sum())
                .isEqualTo(40);
        assertThat(listed.get(0).get("id").asText()).isEqualTo(name);
        assertThat(Run.of("offsets", "list", "-s", servers.natsUrl(), "--id", name)
                        .out())
                .contains("BUCKET", topic);

        String[] delete = {"offsets", "delete", name, "--id", name, "-s", servers.natsUrl()};
        Run unasked = Run.of(with(delete, "--yes"));
        assertThat(unasked.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(unasked.err()).contains("--bootstrap-server");
        Run active = Run.of(with(delete, "--yes", "-b", servers.bootstrap()));
        assertThat(active.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(active.err()).contains("connect-" + name, "is active");

        worker.rest().delete(name);
        await().atMost(SOON).until(() -> {
            Run one = Run.of(with(delete, "--yes", "-b", servers.bootstrap(), "--topic", topic, "--partition", "1"));
            return one.code() == 0 && one.out().contains("Removed 1 stored offset of id");
        });
        assertThat(answering("no\n", with(delete, "-b", servers.bootstrap())).code())
                .isEqualTo(NatsKv.TROUBLE);
        assertThat(Run.of("offsets", "list", name, "-s", servers.natsUrl(), "--json")
                        .json())
                .hasSize(1);
        Run confirmed = answering("yes\n", with(delete, "-b", servers.bootstrap()));
        assertThat(confirmed.code()).isZero();
        assertThat(confirmed.err()).contains("Type yes");
        Run empty = Run.of("offsets", "list", name, "-s", servers.natsUrl());
        assertThat(empty.code()).isZero();
        assertThat(empty.out()).contains("No offsets are stored in bucket");
        assertThat(Run.of(with(delete, "-b", servers.bootstrap())).err()).contains("No such offsets are stored");
    }

    @Test
    void offsetsUnderAnIdOfTheirOwnAreNotRemovedWhileTheirSinkRuns() throws Exception {
        bucket(BucketConfig.of(name));
        createTopic(1, Map.of());
        send(0, 5);
        startConnector(sink(Map.of("delivery", "exactly_once", "eos.id", "own-" + name)));
        await().atMost(SOON)
                .until(() -> Run.of("offsets", "list", name, "-s", servers.natsUrl(), "--json")
                                .json()
                                .path(0)
                                .path("next")
                                .asInt()
                        == 5);
        String[] delete = {
            "offsets",
            "delete",
            name,
            "--id",
            "own-" + name,
            "-s",
            servers.natsUrl(),
            "-b",
            servers.bootstrap(),
            "--yes"
        };
        Run other = Run.of(delete);
        assertThat(other.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(other.err()).contains("\"connect-" + name + "\" reads the same topic", "--group");
        Run active = Run.of(with(delete, "--group", "connect-" + name));
        assertThat(active.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(active.err()).contains("is active");
        worker.rest().delete(name);
        await().atMost(SOON)
                .until(() -> Run.of(with(delete, "--group", "connect-" + name)).code() == 0);
    }

    private static Run answering(String answer, String... arguments) {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(answer.getBytes(StandardCharsets.UTF_8)));
        try {
            return Run.of(arguments);
        } finally {
            System.setIn(before);
        }
    }
}
