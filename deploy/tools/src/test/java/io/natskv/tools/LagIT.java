package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How far connectors have come, asked of a worker. */
class LagIT extends ConnectorCase {
    @Test
    void theLagOfASourceIsWhatItHasNotReadYet() throws Exception {
        KvBucket bucket = bucket(BucketConfig.of(name));
        put(bucket, 0, 10);
        startConnector(source(STRING, BYTES, Map.of()));
        await().atMost(SOON).until(() -> lag().path(0).path("lag").asInt(-1) == 0);
        JsonNode lag = lag().get(0);
        assertThat(lag.get("type").asText()).isEqualTo("source");
        assertThat(lag.get("running").asBoolean()).isTrue();
        assertThat(lag.at("/positions/0/place").asText()).isEqualTo(name + " >");
        assertThat(lag.at("/positions/0/position").asLong()).isEqualTo(10);
        assertThat(lag.at("/tasks/0/state").asText()).isEqualTo("RUNNING");

        stopConnector();
        put(bucket, 5, 20); // of 15 revisions five replace what was read already
        Run run = Run.of("lag", name, "-c", worker.restUrl(), "--max-lag", "14");
        assertThat(run.code()).isEqualTo(NatsKv.FOUND);
        assertThat(run.out()).contains(name + " (source): STOPPED, no tasks, lag 15");
        assertThat(Run.of("lag", name, "-c", worker.restUrl(), "--max-lag", "15")
                        .code())
                .isZero();
        Run apart = Run.of("lag", "-c", worker.restUrl(), "-s", "nats://127.0.0.1:1");
        assertThat(apart.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(apart.out()).contains(name + " (source): STOPPED");
        assertThat(apart.err()).contains("Connector \"" + name + "\"", "127.0.0.1:1");
        Run noWorker = Run.of("lag", "-c", servers.natsUrl().replace("nats:", "http:"));
        assertThat(noWorker.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(noWorker.err()).contains("No Connect worker answers").hasSizeLessThan(300);
        Run unknown = Run.of("lag", "no-such", "-c", worker.restUrl());
        assertThat(unknown.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(unknown.err()).contains("no-such");
    }

    @Test
    void aTopicThatWasDeletedLeavesNoLag() throws Exception {
        bucket(BucketConfig.of(name));
        createTopic(1, Map.of());
        servers.createTopic(topic + "-old", 1, Map.of());
        servers.send(topic + "-old", "old", "v");
        send(0, 5);
        // The group's offset goes with the topic, the one in the bucket stays.
        startConnector(sink(Map.of("topics", topic + "," + topic + "-old", "delivery", "exactly_once")));
        String[] ask = {"-b", servers.bootstrap()};
        await().atMost(SOON)
                .until(() -> lag(ask).at("/0/positions/1/position").asInt(-1) == 1
                        && lag(ask).path(0).path("lag").asInt(-1) == 0);
        stopConnector();
        servers.deleteTopic(topic + "-old");
        await().atMost(SOON)
                .until(() -> lag(ask).at("/0/positions/1/note").asText().startsWith("the topic has no such partition"));
        assertThat(lag(ask).at("/0/lag").asInt(-1)).isZero();
    }

    @Test
    void theLagIsThatOfTheFiltersThatAreRead() throws Exception {
        KvBucket bucket = bucket(BucketConfig.of(name));
        bucket.put("a.1", "x");
        bucket.put("b.1", "x");
        startConnector(source(STRING, BYTES, Map.of("kv.key.filters", "a.>")));
        // A single record, whose position is in the connector's note of its filter.
        await().atMost(SOON)
                .until(() -> lag().at("/0/positions/0/position").asLong() == 1
                        && lag().path(0).path("lag").asInt(-1) == 0);

        worker.rest().put(name, source(STRING, BYTES, Map.of("kv.key.filters", "b.>")));
        await().atMost(SOON)
                .until(() -> lag().at("/0/positions/1/position").asLong() == 2
                        && lag().path(0).path("lag").asInt(-1) == 0);
        bucket.put("a.1", "nobody reads this any more");
        JsonNode lag = lag().get(0);
        assertThat(lag.get("lag").asInt()).isZero();
        assertThat(lag.at("/positions/0/note").asText()).startsWith("not read any more");
    }

    private static void put(KvBucket bucket, int from, int to) {
        for (int i = from; i < to; i++) {
            bucket.put("k." + i, "v" + i);
        }
    }
}
