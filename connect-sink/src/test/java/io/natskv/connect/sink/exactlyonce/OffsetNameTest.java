package io.natskv.connect.sink.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OffsetNameTest {
    private static final TopicPartition PARTITION = new TopicPartition("kv.orders", 7);

    @Test
    void whateverTheNamesHoldTheSubjectIsLegal() {
        assertThat(OffsetName.of("my sink, v1.*>", PARTITION))
                .isEqualTo("bXkgc2luaywgdjEuKj4.a3Yub3JkZXJz.7")
                .matches("[-_=A-Za-z0-9]+\\.[-_A-Za-z0-9]+\\.7");
        assertThat(OffsetName.of("a", PARTITION))
                .startsWith(OffsetName.allOf("a").replace(">", ""));
    }

    @Test
    void longIdsAreHashedAndStayApart() {
        String longest = "i".repeat(OffsetName.LONGEST_ID);
        assertThat(OffsetName.of(longest, PARTITION)).doesNotContain("=");
        String one = OffsetName.of(longest + "1", PARTITION);
        String other = OffsetName.of(longest + "2", PARTITION);
        assertThat(one).startsWith("=").hasSizeLessThan(70).isNotEqualTo(other);
        assertThat(OffsetName.of(longest + "1", PARTITION)).isEqualTo(one);
    }
}
