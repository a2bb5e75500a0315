package io.natskv.connect.sink.delivery;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.config.SinkConfig.OnConflict;
import io.natskv.connect.sink.delivery.PartitionWatermarks.Tracked;
import io.natskv.core.error.KeyExistsException;
import io.natskv.core.error.KvException;
import io.natskv.core.error.WrongRevisionException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of a record that was rejected; if only its condition did not hold, the setting decides. */
final class Conflicts {
    private static final Logger LOG = LoggerFactory.getLogger(Conflicts.class);

    private final OnConflict policy;
    private final RecordErrors errors;
    private final SinkMetrics metrics;
    private boolean told;

    Conflicts(OnConflict policy, RecordErrors errors, SinkMetrics metrics) {
        this.policy = policy;
        this.errors = errors;
        this.metrics = metrics;
    }

    /** @throws ConnectException if the task has to fail */
    void settle(SinkRecord record, Tracked place, KvException error) {
        if (!(error instanceof KeyExistsException || error instanceof WrongRevisionException)) {
            errors.report(record, place, error);
            return;
        }
        metrics.conflicts.increment();
        switch (policy) {
            case SKIP -> {
                metrics.skipped.increment();
                if (!told) {
                    LOG.info("Record {} is left out: {}. So will others be, without a word", place, error.getMessage());
                    told = true;
                }
            }
            case FAIL ->
                throw new ConnectException(
                        "Record " + place + ": " + error.getMessage() + " (" + SinkConfig.ON_CONFLICT + "=fail)",
                        error);
            // What is to be overwritten is written without a condition.
            case OVERWRITE, DEAD_LETTER -> errors.report(record, place, error);
        }
    }
}
