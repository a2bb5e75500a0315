package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.AbstractMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class EntryRecordTest {
    /** An offset that is written out only to be stored. */
    private static final Map<String, Object> NOT_READ = new AbstractMap<>() {
        @Override
        public Set<Entry<String, Object>> entrySet() {
            throw new AssertionError("the offset was written out");
        }
    };

    @Test
    void isFoundInAHashMapWithoutLookingAtItsOffset() {
        SourceRecord first = record(1, "a", NOT_READ);
        SourceRecord second = record(2, "a", NOT_READ);
        Map<SourceRecord, String> map = new HashMap<>(Map.of(first, "first"));
        map.put(second, "second");

        assertThat(map.get(first)).isEqualTo("first");
        assertThat(map.get(second)).isEqualTo("second");
    }

    /** As of the tombstones for keys that have vanished: a transaction may hold very many of them. */
    @Test
    void recordsOfOneRevisionHashByTheirKeys() {
        assertThat(record(1, "a", NOT_READ)).doesNotHaveSameHashCodeAs(record(1, "b", NOT_READ));
    }

    @Test
    void equalsByItsParts() {
        SourceRecord record = record(1, "a", Map.of("revision", 1L));

        assertThat(record(1, "a", Map.of("revision", 1L))).isEqualTo(record).hasSameHashCodeAs(record);
        assertThat(record(1, "b", Map.of("revision", 1L))).isNotEqualTo(record);
        assertThat(record(2, "a", Map.of("revision", 2L))).isNotEqualTo(record);
    }

    private static SourceRecord record(long revision, String key, Map<String, Object> offset) {
        return new EntryRecord(
                revision,
                Map.of("bucket", "b"),
                offset,
                "topic",
                null,
                Schema.STRING_SCHEMA,
                key,
                null,
                null,
                5L,
                new ConnectHeaders());
    }
}
