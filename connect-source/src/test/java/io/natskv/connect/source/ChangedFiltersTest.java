package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.key.KeyFilter;
import io.natskv.testing.junit.NatsServerExtension;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.nats.NatsVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Other filters than those under which offsets were stored: nothing is lost, and nothing repeated that was delivered under another filter. */
class ChangedFiltersTest extends WithBucket {
    @RegisterExtension
    static final NatsServerExtension NATS = NatsServerExtension.server(NatsVersion.latest());

    private final StoredOffsets stored = new StoredOffsets();

    @Override
    NatsServer server() {
        return NATS.server();
    }

    @Test
    void aWiderFilterRepeatsOnlyWhatNoOldOneCovered() {
        for (String key : List.of("a.1", "b.1", "c.1", "a.2", "b.2", "c.2")) {
            bucket.put(key, "v");
        }
        assertThat(keys("a.>,b.>", 4)).containsExactlyInAnyOrder("a.1", "a.2", "b.1", "b.2");
        bucket.put("a.1", "again");
        assertThat(keys(">", 3)).containsExactly("c.1", "c.2", "a.1");
    }

    @Test
    void aNarrowerFilterThatWentAheadIsNotRepeatedByTheWiderOne() {
        bucket.put("a.1", "v");
        bucket.put("b.1", "v");
        assertThat(keys(">", 2)).hasSize(2);
        bucket.put("a.2", "v");
        bucket.put("b.2", "v");
        assertThat(keys("a.>", 1)).containsExactly("a.2");
        bucket.put("a.3", "v");
        assertThat(keys(">", 2)).containsExactly("b.2", "a.3");
    }

    /** "From now on" means for each key: behind what was delivered. */
    @Test
    void updatesOnlyGoesOnWhereTheOldFilterWas() {
        Map<String, String> settings = settings("a.>");
        settings.put(WatchSettings.START_MODE, "updates_only");
        bucket.put("a.1", "before");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(records, () -> {
                bucket.put("a.2", "v");
                return !records.isEmpty();
            });
            task.commit(records);
        }
        long last = (Long) stored.all().stream()
                .map(offset -> offset.get(SourceOffsets.REVISION))
                .max(Comparator.comparing(Long.class::cast))
                .orElseThrow();
        bucket.put("a.3", "while it was stopped");
        settings.put(WatchSettings.KEY_FILTERS, ">");
        try (SourceTaskHarness task = SourceTaskHarness.start(settings, 1, stored)) {
            List<SourceRecord> records = new ArrayList<>();
            task.pollUntil(
                    records,
                    () -> records.stream().anyMatch(record -> record.key().equals("a.3")));
            assertThat(revisions(records)).doesNotContain(last).doesNotHaveDuplicates();
        }
    }

    /** The same revisions are other changes there. */
    @Test
    void inAnotherBucketOfThatNameNothingWasDelivered() {
        bucket.put("a.1", "v");
        bucket.put("a.2", "v");
        assertThat(keys("a.>", 2)).hasSize(2);
        buckets.delete(name);
        bucket = buckets.create(BucketConfig.of(name));
        bucket.put("a.3", "v");
        bucket.put("b.1", "v");
        assertThat(keys(">", 2)).containsExactly("a.3", "b.1");
    }

    @Test
    void anythingMayFollowAnything() {
        long seed = System.nanoTime();
        System.out.println("anythingMayFollowAnything seed=" + seed);
        Random random = new Random(seed);
        List<String> choices =
                List.of(">", "a.>", "a.>,b.>", "*.x,*.y.>", "a.*,b.x", "c.>,b.>", "a.x,b.>,c.*", "a.>,b.>,c.>");
        Map<String, Long> bucketNow = new HashMap<>();
        Map<String, Long> topic = new HashMap<>();
        Set<Long> seen = new HashSet<>();
        for (int round = 0; round < 25; round++) {
            for (int i = 0; i < 20; i++) {
                String key = "abc".charAt(random.nextInt(3)) + "." + "xyz".charAt(random.nextInt(3))
                        + (random.nextBoolean() ? "" : ".q");
                bucketNow.put(key, bucket.put(key, "v"));
            }
            String filters = choices.get(random.nextInt(choices.size()));
            List<SourceRecord> records = new ArrayList<>();
            try (SourceTaskHarness tasks = SourceTaskHarness.start(settings(filters), 1 + random.nextInt(3), stored)) {
                Map<String, Long> expected = new HashMap<>(bucketNow);
                expected.keySet()
                        .removeIf(key -> List.of(filters.split(",")).stream()
                                .noneMatch(filter -> new KeyFilter(filter).matches(key)));
                tasks.pollUntil(records, () -> {
                    records.forEach(
                            record -> topic.put((String) record.key(), (Long) header(record, KvKafkaHeaders.REVISION)));
                    return topic.entrySet().containsAll(expected.entrySet());
                });
                tasks.commit(records);
            }
            for (SourceRecord record : records) {
                assertThat(seen.add((Long) header(record, KvKafkaHeaders.REVISION)))
                        .as("round %s, filters %s, first delivery of %s", round, filters, record.key())
                        .isTrue();
            }
        }
    }

    private Map<String, String> settings(String filters) {
        return settings(WatchSettings.KEY_FILTERS, filters);
    }

    private List<Object> keys(String filters, int count) {
        try (SourceTaskHarness tasks = SourceTaskHarness.start(settings(filters), 2, stored)) {
            List<SourceRecord> records = tasks.read(count);
            tasks.commit(records);
            return records.stream().map(SourceRecord::key).toList();
        }
    }
}
