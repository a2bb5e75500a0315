package io.natskv.camel;

import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import java.time.Duration;

/** Checks the options of a consumer against each other, and turns them into those of a watch. */
final class ConsumerOptions {
    private ConsumerOptions() {}

    /** @throws IllegalArgumentException if options contradict each other; the message names them */
    static void check(NatsKvConfiguration options) {
        boolean history = options.isIncludeHistory();
        boolean updates = options.isUpdatesOnly();
        boolean revision = options.getFromRevision() != null;
        refuse(
                (history ? 1 : 0) + (updates ? 1 : 0) + (revision ? 1 : 0) > 1,
                "includeHistory, updatesOnly and fromRevision: set one of them at most");
        refuse(options.getConcurrentConsumers() < 1, "concurrentConsumers must be 1 or more");
        refuse(options.isBatching() && options.getBatchSize() < 1, "batchSize must be 1 or more");
        refuse(options.getRetryDelay() < 1 || options.getMaxRetryDelay() < 1, "retryDelay must be 1 ms or more");
        if (options.getDurableName() == null) {
            refuse(options.isManualAck(), "manualAck: only with durableName; allowManualCommit moves a position");
            refuse(
                    options.isAllowManualCommit() && options.getOffsetRepository() == null,
                    "allowManualCommit: only with an offsetRepository");
        } else {
            refuse(
                    options.getOffsetRepository() != null || options.isAllowManualCommit(),
                    "durableName: the server keeps the position; not together with offsetRepository or"
                            + " allowManualCommit");
            refuse(
                    options.isBreakOnFirstError(),
                    "durableName: the server delivers again what failed; not together with breakOnFirstError");
            refuse(options.isSendEndOfData(), "durableName: not together with sendEndOfData");
            refuse(options.getPullBatchSize() < 1, "pullBatchSize must be 1 or more");
            refuse(options.getAckWait() < 1, "ackWait must be 1 ms or more");
            refuse(
                    !options.getDurableName().matches("[^\\s.*>/\\\\]+"),
                    "durableName: no spaces, dots, slashes or wildcards");
        }
    }

    private static void refuse(boolean wrong, String message) {
        if (wrong) {
            throw new IllegalArgumentException(message);
        }
    }

    static WatchOptions watch(NatsKvConfiguration options) {
        return WatchOptions.DEFAULT
                .withConsumerPrefix(options.getConsumerNamePrefix())
                .withFilters(KeyFilters.parse(options.getKey()))
                .withStart(start(options))
                .withIgnoreDeletes(options.isIgnoreDeletes())
                .withMetaOnly(options.isMetaOnly());
    }

    private static WatchStart start(NatsKvConfiguration options) {
        if (options.getFromRevision() != null) {
            return new WatchStart.FromRevision(options.getFromRevision());
        }
        return options.isIncludeHistory()
                ? WatchStart.history()
                : options.isUpdatesOnly() ? WatchStart.updatesOnly() : WatchStart.snapshot();
    }

    /** Under which a position is kept: positions of other filters of the bucket say nothing about this one. */
    static String positionKey(String bucket, NatsKvConfiguration options) {
        String filter = options.getKey();
        String key = options.getOffsetKey() != null
                ? options.getOffsetKey()
                : bucket + "/" + (filter == null || filter.isBlank() ? ">" : filter.replace(" ", ""));
        // Camel's repository of files ends a key at the first "=".
        return key.replace("=", "%3D");
    }

    /** 0 for no batches. */
    static int batchSize(NatsKvConfiguration options) {
        return options.isBatching() ? options.getBatchSize() : 0;
    }

    /** How many changes may be under way where a position is kept: more than all threads can hold. */
    static int mostOpen(NatsKvConfiguration options) {
        return 10_000 + 3 * options.getConcurrentConsumers() * Math.max(64, batchSize(options));
    }

    static Duration batchInterval(NatsKvConfiguration options) {
        return Duration.ofMillis(options.getBatchInterval());
    }
}
