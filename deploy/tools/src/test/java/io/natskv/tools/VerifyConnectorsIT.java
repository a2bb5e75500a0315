package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.key.KeyCodec;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What connectors write is compared as their configuration says. */
class VerifyConnectorsIT extends ConnectorCase {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes    | key              | base64",
                "string   | key              | none",
                "json     | key              | none",
                "envelope | key              | none",
                "envelope | key_and_revision | none"
            })
    void whatASourceWritesIsReadAsItsConfigurationSays(String value, String key, String codec) throws Exception {
        KvBucket bucket = bucket(BucketConfig.builder(name).history(3).build());
        createTopic(2, Map.of("cleanup.policy", "compact"));
        for (int i = 0; i < 30; i++) {
            bucket.put(stored(codec, i), "{\"i\": " + i + ", \"half\": " + i + ".50}");
        }
        bucket.delete(stored(codec, 3));
        bucket.put(stored(codec, 4), "{\"i\":\"later\"}");
        boolean json = value.equals("json") || value.equals("envelope");
        boolean struct = key.equals("key_and_revision");
        Map<String, String> more = new HashMap<>(Map.of(
                "record.value", value,
                "record.key", key,
                "record.key.codec", codec,
                "topic.partitions", "2",
                // JsonConverter with schemas, as it is by default, but where there are none.
                "value.converter.schemas.enable", Boolean.toString(value.equals("envelope"))));
        Map<String, String> settings =
                source(struct ? JSON : STRING, json ? JSON : value.equals("string") ? STRING : BYTES, more);
        if (!json) {
            settings.remove("value.converter.schemas.enable");
        }
        startConnector(settings);
        String[] verify = {"verify", "--config", file(settings).toString(), "-b", servers.bootstrap(), "--settle", "20"
        };
        Run equal = Run.of(verify);
        assertThat(equal.out()).startsWith("EQUAL").contains(": 29 keys");
        assertThat(equal.code()).isZero();

        stopConnector();
        bucket.put(stored(codec, 5), "{\"i\":\"newest\"}");
        verify[verify.length - 1] = "0";
        Run stale = Run.of(verify);
        assertThat(stale.code()).isEqualTo(NatsKv.FOUND);
        assertThat(stale.out()).contains("stale      k/5 (", "it is a copy of revision 6", "29 keys, 1 stale");
    }

    @Test
    void aSinkWithACodecIsMeasuredByItsTopic() throws Exception {
        KvBucket bucket = bucket(BucketConfig.builder(name).history(3).build());
        createTopic(2, Map.of());
        send(0, 60);
        send("key 7", null);
        Map<String, String> settings = sink(Map.of("key.codec", "base64"));
        startConnector(settings);
        String[] verify = {"verify", "--config", file(settings).toString(), "-b", servers.bootstrap(), "--settle", "20"
        };
        Run equal = Run.of(verify);
        assertThat(equal.out()).startsWith("EQUAL topic \"" + topic).contains(": 59 keys");

        stopConnector();
        send("key 8", "newer");
        verify[verify.length - 1] = "0";
        Run stale = Run.of(verify);
        assertThat(stale.code()).isEqualTo(NatsKv.FOUND);
        assertThat(stale.out()).contains("stale      key 8 (topic", "it is a copy of partition");
        assertThat(bucket.status().values()).isPositive();
    }

    private static String stored(String codec, int i) {
        String key = "k/" + i;
        return codec.equals("base64") ? KeyCodec.BASE64.encode(key) : key;
    }
}
