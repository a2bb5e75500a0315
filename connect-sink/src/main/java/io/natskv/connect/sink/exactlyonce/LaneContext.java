package io.natskv.connect.sink.exactlyonce;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/** What a partition needs of its task. */
interface LaneContext {
    ExactlyOnceConfig config();

    Duration deadline();

    int maxRetries();

    Claims claims();

    ExactlyOnceMeter meter();

    /**
     * The offsets of the bucket that a partition goes to.
     *
     * @return null if it is not open yet
     */
    OffsetStore storeFor(TopicPartition partition);

    /** Has the bucket opened anew when it is needed next. */
    void lookAgain(TopicPartition partition);

    /** Has the worker go on reading at an offset. */
    void seek(TopicPartition partition, long offset);

    /** Hands a record to the dead-letter topic, or fails the task. */
    void report(SinkRecord record, String place, RuntimeException error);

    /** The future, which wakes the task's thread when it is done. */
    <T> CompletableFuture<T> ringing(CompletableFuture<T> future);
}
