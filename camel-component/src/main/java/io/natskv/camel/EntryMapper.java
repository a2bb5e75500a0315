package io.natskv.camel;

import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import java.util.ArrayList;
import org.apache.camel.Message;

/** Makes received changes the message of an exchange. */
final class EntryMapper {
    private EntryMapper() {}

    /** What {@link NatsKvConstants#REVISION_OF} says. Unambiguous: the name of a bucket has no slash. */
    static String revisionOf(String bucket, String key) {
        return bucket + "/" + key;
    }

    /** Sets body and headers: those of one change, of a batch, or of the end of the data. */
    static void map(Work work, String bucket, NatsKvConfiguration options, Message message) {
        if (work.isEndOfData()) {
            message.setHeader(NatsKvConstants.BUCKET, bucket);
            message.setHeader(NatsKvConstants.END_OF_DATA, true);
        } else if (options.isBatching()) {
            message.setHeader(NatsKvConstants.BUCKET, bucket);
            message.setHeader(NatsKvConstants.BATCH_SIZE, work.entries().size());
            message.setHeader(NatsKvConstants.REVISION, work.last().revision());
            message.setHeader(NatsKvConstants.INITIAL, work.initial());
            // Each attempt has a list of its own: a route may take out of it what it has done.
            message.setBody(new ArrayList<>(work.entries()));
        } else {
            map(work.last(), work.initial(), options.isMetaOnly(), message);
        }
    }

    /**
     * Sets body and headers of one change.
     *
     * @param initial whether the change is part of what was there when the watch began
     * @param metaOnly whether the watch leaves the values out
     */
    static void map(KvEntry entry, boolean initial, boolean metaOnly, Message message) {
        message.setHeader(NatsKvConstants.BUCKET, entry.bucket());
        message.setHeader(NatsKvConstants.KEY, entry.key());
        message.setHeader(NatsKvConstants.ENTRY_OPERATION, entry.operation());
        message.setHeader(NatsKvConstants.REVISION, entry.revision());
        message.setHeader(NatsKvConstants.REVISION_OF, revisionOf(entry.bucket(), entry.key()));
        message.setHeader(NatsKvConstants.CREATED, entry.created());
        message.setHeader(NatsKvConstants.DELTA, entry.delta());
        message.setHeader(NatsKvConstants.INITIAL, initial);
        message.setHeader(NatsKvConstants.DATA_LENGTH, entry.valueLength());
        message.setHeader(NatsKvConstants.MESSAGE_TIMESTAMP, entry.created().toEpochMilli());
        message.setBody(entry.operation() == KvOperation.PUT && !metaOnly ? entry.value() : null);
    }
}
