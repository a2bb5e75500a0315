package io.natskv.core.write;

import io.nats.client.impl.Headers;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import java.util.ArrayList;
import java.util.List;

/**
 * A write made ready for a batch: its headers and its size are known ahead of the moment at which it is sent. It may go into one batch after
 * another, until one is stored. For one thread at a time.
 */
public final class BatchWrite {
    /** What a message has to carry in a batch, in bytes at most: its id, its number, the commit. */
    private static final int BATCH_HEADERS = 39 + 27 + 22;

    private final KvWrite write;
    private final Headers headers;
    private final long size;

    private BatchWrite(KvWrite write, Headers headers) {
        this.write = write;
        this.headers = headers;
        this.size = headers.serializedLength() + BATCH_HEADERS + write.value().length;
    }

    /** Makes a write ready. */
    public static BatchWrite of(KvWrite write) {
        Headers headers = write.headers().isEmpty() ? new Headers() : new Headers(write.headers());
        if (write.operation().isMarker()) {
            headers.put(KvHeaders.OPERATION, write.operation().headerValue());
        }
        if (write.operation() == KvOperation.PURGE) {
            headers.put(KvHeaders.ROLLUP, "sub");
        }
        write.ttl().ifPresent(ttl -> headers.put(KvHeaders.TTL, KvHeaders.ttl(ttl)));
        write.origin().ifPresent(origin -> headers.put(KvHeaders.ORIGIN, WriteCodec.format(origin)));
        if (write.condition() instanceof KvWrite.Condition.LastRevision wanted) {
            headers.put(KvHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, Long.toString(wanted.revision()));
        } else if (write.condition() instanceof KvWrite.Condition.Absent) {
            headers.put(KvHeaders.EXPECTED_LAST_SUBJECT_SEQUENCE, "0");
        }
        return new BatchWrite(write, headers);
    }

    /** {@link #of} of each. */
    public static List<BatchWrite> of(List<KvWrite> writes) {
        List<BatchWrite> ready = new ArrayList<>(writes.size());
        writes.forEach(write -> ready.add(of(write)));
        return ready;
    }

    public KvWrite write() {
        return write;
    }

    /** What it takes of {@link AtomicBatchWriter#sizeLimit}, its headers and those of the batch included. */
    public long size() {
        return size;
    }

    /** The headers of this write as a message of a batch; valid until the next call. The client copies them when it is given the message. */
    Headers headers(String id, int sequence, boolean last) {
        AtomicBatchWriter.batch(headers, id, sequence, last);
        return headers;
    }
}
