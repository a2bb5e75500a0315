package io.natskv.connect.sink.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.connect.sink.exactlyonce.PartitionBuffer.Batch;
import io.natskv.connect.sink.exactlyonce.PartitionBuffer.Item;
import io.natskv.core.write.BatchWrite;
import io.natskv.core.write.KvWrite;
import java.util.List;
import org.junit.jupiter.api.Test;

class PartitionBufferTest {
    private static final byte[] VALUE = {1};

    private final PartitionBuffer buffer = new PartitionBuffer();
    private long offset = 100;

    @Test
    void aBatchEndsAtItsMostRecordsAndCountsOnlyWrites() {
        add(null);
        add(KvWrite.put("a", VALUE));
        add(null);
        add(KvWrite.put("a", VALUE));
        add(null);
        add(KvWrite.put("b", VALUE));
        Batch batch = buffer.batch(buffer.first(), 2, 1_000);
        assertThat(batch.writes()).hasSize(2);
        assertThat(batch.next())
                .as("what is left out behind the last write goes along")
                .isEqualTo(105);
        buffer.removeBelow(batch.next());
        Batch rest = buffer.batch(buffer.first(), 2, 1_000);
        assertThat(rest.writes()).extracting(write -> write.write().key()).containsExactly("b");
        assertThat(rest.next()).isEqualTo(106);
        assertThat(rest.bytes()).isEqualTo(10);
    }

    @Test
    void theBatchBehindOneThatIsUnderWayGrowsAtItsEnd() {
        add(KvWrite.put("a", VALUE));
        add(KvWrite.put("b", VALUE));
        add(KvWrite.put("c", VALUE));
        Batch first = buffer.batch(buffer.first(), 2, 1_000);
        Batch ahead = buffer.batch(first.next(), 2, 1_000);
        assertThat(ahead.writes()).extracting(write -> write.write().key()).containsExactly("c");
        assertThat(buffer.batch(ahead.next(), 2, 1_000)).isNull();
        add(KvWrite.put("c", VALUE));
        Batch grown = buffer.batch(first.next(), 2, 1_000);
        assertThat(grown.writes().get(0)).isSameAs(ahead.writes().get(0));
        buffer.removeBelow(first.next());
        assertThat(buffer.batch(buffer.first(), 2, 1_000)).isEqualTo(grown);
    }

    @Test
    void aBatchEndsAtItsMostBytesButHoldsOneWrite() {
        add(KvWrite.put("a", VALUE));
        add(KvWrite.put("b", VALUE));
        add(KvWrite.put("c", VALUE));
        assertThat(buffer.batch(buffer.first(), 10, 20).writes()).hasSize(2);
        assertThat(buffer.batch(buffer.first(), 10, 1).writes()).hasSize(1);
        assertThat(buffer.bytes()).isEqualTo(30);
    }

    @Test
    void aPurgeBehindAWriteToItsKeyBeginsABatch() {
        add(KvWrite.purge("a"));
        add(KvWrite.put("a", VALUE));
        add(KvWrite.purge("b"));
        add(KvWrite.purge("a"));
        add(KvWrite.put("a", VALUE));
        Batch first = buffer.batch(buffer.first(), 10, 1_000);
        assertThat(first.writes()).hasSize(3);
        buffer.removeBelow(first.next());
        assertThat(buffer.batch(buffer.first(), 10, 1_000).writes()).hasSize(2);
    }

    @Test
    void recordsWithoutWritesMakeABatchOfTheOffsetAlone() {
        add(null);
        add(null);
        assertThat(buffer.batch(buffer.first(), 10, 1_000)).isEqualTo(new Batch(List.of(), 102, 0));
    }

    @Test
    void aWriteThatIsLeftOutCountsAsDone() {
        add(null);
        add(KvWrite.put("a", VALUE));
        add(KvWrite.put("b", VALUE));
        assertThat(buffer.firstWrite().offset()).isEqualTo(101);
        buffer.leaveOutFirstWrite(null);
        assertThat(buffer.firstWrite().offset()).isEqualTo(102);
        assertThat(buffer.size()).isEqualTo(3);
        assertThat(buffer.bytes()).isEqualTo(10);
        assertThat(buffer.batch(buffer.first(), 10, 1_000).next()).isEqualTo(103);
    }

    private void add(KvWrite write) {
        buffer.add(new Item(null, offset++, write == null ? null : BatchWrite.of(write), write == null ? 0 : 10, null));
    }
}
