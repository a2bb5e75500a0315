package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.impl.Headers;
import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.write.KvWrite;
import io.natskv.core.write.KvWrite.Origin;
import io.natskv.core.write.KvWriter;
import io.natskv.core.write.WriterOptions;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of entries: converted, left out, given to the dead-letter topic. */
class RecordPoliciesTest extends WithBucket {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    @Override
    NatsServer server() {
        return NATS.server();
    }

    @Test
    void failsAtAnUndecodableEntryAndSaysWhichButNotItsValue() {
        bucket.put("good", "{\"a\":1}");
        bucket.put("bad", "secret");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings(RecordSettings.RECORD_VALUE, "json"))) {
            assertThatThrownBy(() -> task.read(2))
                    .isInstanceOf(DataException.class)
                    .hasMessageContaining("bucket \"" + name + "\", key \"bad\", revision 2")
                    .hasMessageContaining("no JSON")
                    .hasMessageContaining("errors.decode")
                    .message()
                    .doesNotContain("secret");
        }
    }

    @Test
    void leavesUndecodableEntriesOut() {
        StoredOffsets stored = new StoredOffsets();
        Map<String, String> settings =
                settings(RecordSettings.RECORD_VALUE, "json", RecordSettings.ERRORS_DECODE, "skip");
        for (int i = 0; i < 3_000; i++) {
            bucket.putAsync("bad" + i, new byte[0]);
        }
        bucket.put("good", "{\"a\":[1,2.5,null]}");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = task.read(1);
            assertThat(records.get(0).key()).isEqualTo("good");
            assertThat(records.get(0).valueSchema()).isNull();
            assertThat(((Map<?, ?>) records.get(0).value()).get("a")).isEqualTo(Arrays.asList(1L, 2.5, null));
            bucket.put("bad", "{");
            bucket.put("better", "[]");
            assertThat(task.read(1)).extracting(SourceRecord::key).containsExactly("better");
        }
    }

    @ParameterizedTest
    @CsvSource({"json, none, k, value, JSON", "string, none, k, value, UTF-8", "bytes, base64, k, key, base64"})
    void givesUndecodableEntriesToADeadLetterTopic(String mode, String codec, String key, String part, String reason) {
        StoredOffsets stored = new StoredOffsets();
        Map<String, String> settings = settings(
                RecordSettings.RECORD_VALUE, mode,
                RecordSettings.KEY_CODEC, codec,
                RecordSettings.ERRORS_DECODE, "dead_letter",
                RecordSettings.ERRORS_DECODE_TOPIC, "dead",
                RecordSettings.RECORD_HEADERS, "");
        byte[] bytes = {-1, 'x'};
        bucket.putAsync(key, bytes).join();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = task.read(1);
            SourceRecord dead = records.get(0);
            assertThat(dead.topic()).isEqualTo("dead");
            assertThat(dead.key()).isEqualTo(key);
            assertThat(header(dead, KvKafkaHeaders.BUCKET)).isEqualTo(name);
            assertThat(header(dead, KvKafkaHeaders.REVISION)).isEqualTo(1L);
            assertThat(header(dead, KvKafkaHeaders.ERROR_PART)).isEqualTo(part);
            assertThat((String) header(dead, KvKafkaHeaders.ERROR_REASON)).contains(reason);
            if (mode.equals("string")) {
                assertThat(dead.valueSchema()).isEqualTo(Schema.OPTIONAL_STRING_SCHEMA);
                assertThat(Base64.getDecoder().decode((String) dead.value())).isEqualTo(bytes);
            } else {
                assertThat(dead.value()).isEqualTo(bytes);
            }
            task.commit(records);
        }
        String good = codec.equals("base64") ? Base64.getUrlEncoder().encodeToString("ok".getBytes()) : "ok";
        bucket.put(good, "\"text\"");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            assertThat(task.read(1)).extracting(SourceRecord::key).containsExactly("ok");
        }
    }

    @Test
    void aTopicThatKafkaRefusesIsAnUndecodableEntry() {
        bucket.put("a/b", "1");
        bucket.put("c", "2");
        Map<String, String> settings =
                settings(RecordSettings.TOPIC_TEMPLATE, "${key}", RecordSettings.ERRORS_DECODE, "skip");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            assertThat(task.read(1)).extracting(SourceRecord::topic).containsExactly("c");
        }
    }

    @Test
    void ignoresDeletes() {
        bucket.put("a", "1");
        bucket.delete("a");
        bucket.put("b", "2");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings(WatchSettings.IGNORE_DELETES, "true"))) {
            assertThat(task.read(1)).extracting(SourceRecord::key).containsExactly("b");
            bucket.purge("b");
            bucket.put("c", "3");
            assertThat(task.read(1)).extracting(SourceRecord::key).containsExactly("c");
        }
    }

    @Test
    void leavesValuesOnTheServer() {
        bucket.put("a", "12345");
        bucket.put("b", "");
        bucket.delete("a");
        Map<String, String> settings = settings(
                WatchSettings.META_ONLY, "true",
                WatchSettings.START_MODE, "history",
                RecordSettings.RECORD_VALUE, "envelope",
                RecordSettings.RECORD_DELETE, "envelope");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            List<SourceRecord> records = task.read(3);
            assertThat(records).allSatisfy(record -> {
                ((Struct) record.value()).validate();
                assertThat(((Struct) record.value()).get("value")).isNull();
            });
            assertThat(records)
                    .extracting(record -> ((Struct) record.value()).get("size"))
                    .containsExactly(5L, 0L, 0L);
        }
    }

    /** As many batches as there are records: envelope and tombstone are never torn apart. */
    @Test
    void envelopeAndTombstoneComeTogetherAndAgainAfterACrashBetweenThem() {
        bucket.put("a", "1");
        bucket.delete("a");
        bucket.put("b", "2");
        StoredOffsets stored = new StoredOffsets();
        Map<String, String> settings = settings(
                WatchSettings.START_MODE, "history",
                FlowSettings.BATCH_MAX_RECORDS, "1",
                RecordSettings.RECORD_VALUE, "envelope",
                RecordSettings.RECORD_DELETE, "envelope_and_tombstone");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = task.read(4);
            assertThat(revisions(records)).containsExactly(1L, 2L, 2L, 3L);
            assertThat(records).extracting(record -> record.value() == null).containsExactly(false, false, true, false);
            task.commit(records.subList(0, 2));
        }
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = task.read(3);
            assertThat(revisions(records)).containsExactly(2L, 2L, 3L);
            assertThat(records.get(1).value()).isNull();
        }
    }

    @Test
    void readsWhatWasBeforeFromTheHistory() {
        bucket.put("a", "1");
        bucket.put("b", "x");
        bucket.put("a", "2");
        bucket.delete("a");
        bucket.put("a", "3");
        Map<String, String> settings = settings(
                WatchSettings.START_MODE, "history",
                RecordSettings.RECORD_VALUE, "envelope",
                RecordSettings.ENVELOPE_VALUE, "string",
                RecordSettings.ENVELOPE_PREVIOUS, "true",
                RecordSettings.RECORD_DELETE, "envelope");
        StoredOffsets stored = new StoredOffsets();
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = task.read(5);
            assertThat(records)
                    .extracting(record -> previous((Struct) record.value()))
                    .containsExactly("null@null", "null@null", "1@1", "2@3", "null@4");
            task.commit(records.subList(0, 3));
        }
        IntStream.range(0, 2_000).forEach(i -> bucket.putAsync("k" + i % 1_000, ("v" + i).getBytes()));
        bucket.put("end", "");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = task.read(2_003);
            assertThat(revisions(records)).isSorted().doesNotHaveDuplicates();
            assertThat(previous((Struct) records.get(0).value())).isEqualTo("2@3");
            assertThat(records.subList(1_002, 2_002)).allSatisfy(record -> {
                Struct envelope = (Struct) record.value();
                assertThat(previous(envelope))
                        .isEqualTo("v" + (envelope.getInt64("revision") - 1_006) + "@"
                                + (envelope.getInt64("revision") - 1_000));
            });
        }
    }

    @Test
    void whatWasBeforeComesBehindAnOutageToo() {
        for (int i = 0; i < 1_200; i++) {
            bucket.putAsync("k" + i % 600, ("v" + i).getBytes());
        }
        bucket.put("end", "");
        Map<String, String> settings = settings(
                WatchSettings.START_MODE,
                "history",
                RecordSettings.RECORD_VALUE,
                "envelope",
                RecordSettings.ENVELOPE_VALUE,
                "string",
                RecordSettings.ENVELOPE_PREVIOUS,
                "true",
                FlowSettings.BATCH_MAX_RECORDS,
                "100",
                "nats.request.timeout.ms",
                "500");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(records, () -> !records.isEmpty());
            server().kill();
            task.pollInto(records);
            task.pollInto(records);
            server().restart();
            task.pollUntil(records, () -> records.size() >= 1_201);
            assertThat(revisions(records)).isSorted().doesNotHaveDuplicates().hasSize(1_201);
            assertThat(records.subList(600, 1_200)).allSatisfy(record -> {
                Struct envelope = (Struct) record.value();
                assertThat(previous(envelope))
                        .isEqualTo("v" + (envelope.getInt64("revision") - 601) + "@"
                                + (envelope.getInt64("revision") - 600));
            });
        }
    }

    @Test
    void aBucketWithoutHistoryHasNothingBefore() {
        buckets.create(BucketConfig.of(name + "-1"));
        Map<String, String> settings = settings(
                WatchSettings.BUCKETS, name + "-1",
                RecordSettings.RECORD_VALUE, "envelope",
                RecordSettings.ENVELOPE_PREVIOUS, "true");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            assertThatThrownBy(() -> task.read(1)).hasMessageContaining("raise its history");
        }
    }

    private static String previous(Struct envelope) {
        return envelope.get("previous") + "@" + envelope.get("previous_revision");
    }

    @Test
    void passesHeadersOn() {
        Headers headers = new Headers().add("Trace-Id", "t1").add("Other", "o");
        bucket.putAsync("a", "1".getBytes(StandardCharsets.UTF_8), headers).join();
        Map<String, String> settings =
                settings(RecordSettings.NATS_HEADERS_INCLUDE, "trace-*", RecordSettings.RECORD_HEADERS, "revision");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            assertThat(task.read(1).get(0).headers())
                    .extracting(header -> header.key() + "=" + header.value())
                    .containsExactly("nats.kv.revision=1", "Trace-Id=t1");
        }
    }

    @ParameterizedTest
    @CsvSource({"*, mine", "kv.t*, mine/elsewhere", "nothing, t1/t2/mine/elsewhere"})
    void leavesOutWhatTheSinkWrote(String topics, String keys) {
        bucket.put("mine", "1");
        write(bucket, KvWrite.put("t1", new byte[1]).withOrigin(new Origin("kv.t", 0, 1)));
        write(bucket, KvWrite.put("t2", new byte[1]).withOrigin(new Origin("origin-id:kv.t", 1, 1)));
        write(bucket, KvWrite.put("elsewhere", new byte[1]).withOrigin(new Origin("elsewhere", 0, 1)));
        bucket.put("end", "1");
        Map<String, String> settings =
                settings(RecordSettings.LOOP_PREVENTION, "true", RecordSettings.LOOP_PREVENTION_TOPICS, topics);
        List<String> expected = new ArrayList<>(List.of((keys + "/end").split("/")));
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            assertThat(task.read(expected.size()))
                    .extracting(SourceRecord::key)
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    @Test
    void leavesOutDeletesOfTheSinkToo() {
        bucket.put("a", "1");
        bucket.put("b", "1");
        Map<String, String> settings = settings(RecordSettings.LOOP_PREVENTION, "true");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings)) {
            task.read(2);
            write(bucket, KvWrite.delete("a").withOrigin(new Origin("t", 0, 1)));
            write(bucket, KvWrite.purge("b").withOrigin(new Origin("t", 0, 2)));
            // Who overwrites what the sink wrote has changed it.
            bucket.put("a", "2");
            List<SourceRecord> records = task.read(1);
            assertThat(revisions(records)).containsExactly(5L);
        }
    }

    private static void write(KvBucket bucket, KvWrite write) {
        try (KvWriter writer = bucket.writer(WriterOptions.DEFAULT)) {
            writer.submit(write).join();
        }
    }
}
