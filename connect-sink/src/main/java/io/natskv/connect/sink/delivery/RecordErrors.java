package io.natskv.connect.sink.delivery;

import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;
import org.apache.kafka.connect.sink.SinkRecord;

/** What becomes of a record that can't be written, as Connect's error settings say (KIP-610). */
public final class RecordErrors {
    private final ErrantRecordReporter reporter;
    private final SinkMetrics metrics;

    /** @param reporter null if neither a dead-letter topic nor logging of errors is set up */
    public RecordErrors(ErrantRecordReporter reporter, SinkMetrics metrics) {
        this.reporter = reporter;
        this.metrics = metrics;
    }

    /**
     * Hands the record to the dead-letter topic or the log. To be called by {@code put} only: what is reported later would not be awaited
     * before the commit.
     *
     * @param place topic, partition and offset as the consumer read it, for the message
     * @throws ConnectException if that is not set up, or no error is tolerated
     */
    public void report(SinkRecord record, Object place, RuntimeException error) {
        if (reporter == null) {
            throw new ConnectException(
                    "Record " + place + " can't be written: " + error.getMessage()
                            + ". To go on behind such records set errors.tolerance=all with errors.deadletterqueue.topic.name or "
                            + "errors.log.enable=true",
                    error);
        }
        metrics.deadLettered.increment();
        reporter.report(record, error);
    }
}
