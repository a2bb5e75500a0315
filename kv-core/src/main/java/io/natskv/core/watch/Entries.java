package io.natskv.core.watch;

import io.nats.client.Message;
import io.nats.client.impl.NatsJetStreamMetaData;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.key.BucketSubjects;

/** Makes entries of delivered messages. */
final class Entries {
    private Entries() {}

    static KvEntry of(BucketSubjects subjects, Message message, NatsJetStreamMetaData meta) {
        return new KvEntry(
                subjects.bucket(),
                subjects.keyOf(message.getSubject()),
                message.getData(),
                meta.streamSequence(),
                meta.timestamp().toInstant(),
                meta.pendingCount(),
                KvOperation.of(message.getHeaders()),
                message.getHeaders());
    }
}
