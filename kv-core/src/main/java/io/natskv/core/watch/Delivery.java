package io.natskv.core.watch;

import io.nats.client.Message;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.key.BucketSubjects;
import java.time.Instant;

/**
 * A message of a consumer, and what its reply subject tells of it (ADR-15).
 *
 * @param message subject, headers and data
 * @param revision the stream sequence
 * @param consumerSequence counts what the consumer delivered, from 1
 * @param created when the server stored it
 * @param pending how many messages the consumer has still to deliver after this one
 */
record Delivery(Message message, long revision, long consumerSequence, Instant created, long pending) {
    KvEntry entry(BucketSubjects subjects) {
        return new KvEntry(
                subjects.bucket(),
                subjects.keyOf(message.getSubject()),
                message.getData(),
                revision,
                created,
                pending,
                KvOperation.of(message.getHeaders()),
                message.getHeaders());
    }
}
