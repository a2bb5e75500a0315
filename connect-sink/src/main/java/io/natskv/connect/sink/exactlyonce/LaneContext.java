package io.natskv.connect.sink.exactlyonce;

import io.natskv.core.error.KvException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.sink.SinkRecord;

/** What a partition needs of its task. */
interface LaneContext {
    /** None of {@link #links}. */
    long NO_LINK = -1;

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

    /** Why it is not open. */
    KvException whyNoStore(TopicPartition partition);

    /** Has the bucket opened anew when it is needed next. */
    void lookAgain(TopicPartition partition);

    /** How often the connection was made anew: whoever answers since may not hold what was stored before. */
    long links();

    /** True if another batch may be begun before the one under way is stored: to be asked once for each that is. */
    boolean beginAhead();

    /** Has the worker go on reading at an offset. */
    void seek(TopicPartition partition, long offset);

    /** Hands a record to the dead-letter topic, or fails the task; done when that has it. */
    Future<Void> report(SinkRecord record, String place, RuntimeException error);

    /** The future, which wakes the task's thread when it is done. */
    <T> CompletableFuture<T> ringing(CompletableFuture<T> future);
}
