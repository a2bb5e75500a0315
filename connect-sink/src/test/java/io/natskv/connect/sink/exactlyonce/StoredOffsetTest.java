package io.natskv.connect.sink.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class StoredOffsetTest {
    private static final TopicPartition PARTITION = new TopicPartition("a \"topic\"", 3);

    @Test
    void isReadAsItWasWritten() {
        StoredOffset none = StoredOffset.none("my sink", PARTITION);
        StoredOffset claimed = none.claimedBy("me", 1L << 40, "topic-id");
        for (StoredOffset offset : new StoredOffset[] {none, claimed, claimed.movedTo((1L << 40) + 5)}) {
            assertThat(StoredOffset.parse(offset.toBytes())).contains(offset);
        }
    }

    @Test
    void aClaimAndABatchAreCounted() {
        StoredOffset offset = StoredOffset.none("id", PARTITION)
                .claimedBy("me", 10, "")
                .movedTo(20)
                .movedTo(30)
                .claimedBy("you", 30, "");
        assertThat(offset.next()).isEqualTo(30);
        assertThat(offset.epoch()).isEqualTo(2);
        assertThat(offset.batches()).isEqualTo(2);
    }

    @Test
    void anotherOwnerOrEpochIsAnotherClaim() {
        StoredOffset mine = StoredOffset.none("id", PARTITION).claimedBy("me", 10, "");
        assertThat(mine.isSameClaimAs(mine.movedTo(20))).isTrue();
        assertThat(mine.isSameClaimAs(mine.claimedBy("me", 10, ""))).isFalse();
        assertThat(mine.isSameClaimAs(StoredOffset.none("id", PARTITION).claimedBy("you", 10, "")))
                .isFalse();
    }

    @Test
    void whatNobodyOfUsHasWrittenIsNotRead() {
        for (String text : new String[] {"", "17", "{}", "{\"format\":2}", "no json"}) {
            assertThat(StoredOffset.parse(text.getBytes(StandardCharsets.UTF_8)))
                    .as(text)
                    .isEmpty();
        }
    }
}
