package io.natskv.connect.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.connect.source.FilterNotes.Place;
import io.natskv.core.key.KeyFilter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which record's offset goes where, by what the worker is done with. */
class NoteCarrierTest {
    private static final KeyFilter FILTER = new KeyFilter("a.>");
    private static final Map<String, String> OWN = SourceOffsets.partition(new Assignment("b", FILTER));
    private static final Map<String, String> PLACE = FilterNotes.partitions("b").get(0);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final NoteCarrier carrier =
            new NoteCarrier(FILTER, OWN, Optional.of(new Place(PLACE, false, Optional.empty())));

    @Test
    void notesTheFilterAndThenWhatOffsetItHas() {
        SourceRecord first = carry(1);
        assertThat(first.sourcePartition()).isEqualTo(PLACE);
        assertThat(first.sourceOffset()).satisfies(offset -> {
            assertThat(offset.get("of")).isEqualTo("a.>");
            assertThat(offset.get("after")).isNull();
            assertThat(offset.get("revision")).isEqualTo(1L);
        });
        stored(first);
        SourceRecord second = carry(2);
        assertThat(second.sourcePartition()).isEqualTo(OWN);
        stored(second);
        SourceRecord third = carry(3);
        assertThat(third.sourcePartition()).isEqualTo(PLACE);
        assertThat(third.sourceOffset().get("after")).isEqualTo("2@0");
        stored(third);
        for (int i = 4; i < 10; i++) {
            assertThat(carry(i).sourcePartition()).isEqualTo(OWN);
            assertThat(carrier.isHeld(LONG)).isFalse();
        }
    }

    @Test
    void holdsWhatFollowsUntilTheRecordIsStored() {
        SourceRecord first = carry(1);
        assertThat(carrier.isHeld(Duration.ZERO)).isTrue();
        carrier.done(record(9, PLACE.entrySet().iterator().next().getValue()), true);
        assertThat(carrier.isHeld(Duration.ZERO)).as("that was none of ours").isTrue();
        stored(first);
        assertThat(carrier.isHeld(LONG)).isFalse();
    }

    @Test
    void theNextRecordCarriesWhatWasDroppedWithTheFirst() {
        SourceRecord first = carry(1);
        carrier.done(first, false);
        assertThat(carrier.isHeld(LONG)).isFalse();
        assertThat(carry(2).sourcePartition()).isEqualTo(PLACE);
    }

    /** All in one partition, so that none can get ahead of the ones before. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void goesOnAfterAWhileThoughTheWorkerSaysNothing(int step) {
        for (int i = 1; i < step; i++) {
            stored(carry(i));
        }
        SourceRecord one = carry(step);
        assertThat(carrier.isHeld(LONG)).as("for so long").isFalse();
        SourceRecord two = carry(step + 1);
        SourceRecord three = carry(step + 2);
        assertThat(List.of(two, three)).allSatisfy(record -> {
            assertThat(record.sourcePartition()).isEqualTo(one.sourcePartition());
            assertThat(record.sourceOffset().get("after"))
                    .isEqualTo(one.sourceOffset().get("after"));
        });
        stored(three);
        stored(one);
        assertThat(carry(step + 3).sourcePartition())
                .as("two is not stored yet")
                .isEqualTo(one.sourcePartition());
    }

    private SourceRecord carry(long revision) {
        return carrier.carrying(List.of(record(revision, "own"))).get(0);
    }

    private void stored(SourceRecord record) {
        carrier.done(record, true);
    }

    private static SourceRecord record(long revision, String partition) {
        return new SourceRecord(
                partition.equals("own") ? OWN : Map.of("bucket", partition),
                Map.of("revision", revision, "created", Instant.EPOCH.toString()),
                "t",
                Schema.STRING_SCHEMA,
                "k");
    }
}
