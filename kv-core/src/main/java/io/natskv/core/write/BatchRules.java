package io.natskv.core.write;

import io.natskv.core.KvOperation;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a server takes in one atomic batch (ADR-50). */
final class BatchRules {
    private BatchRules() {}

    /** @param least 1, or 0 where a closing message comes behind the writes */
    static void check(List<BatchWrite> writes, int least) {
        int most = AtomicBatchWriter.MAX_WRITES - 1 + least;
        if (writes.size() < least || writes.size() > most) {
            throw new IllegalArgumentException(
                    "A batch has " + least + " to " + most + " writes, not " + writes.size());
        }
        // Most batches hold plain puts and deletes, which may stand anywhere.
        if (writes.stream().noneMatch(BatchRules::hasToComeFirst)) {
            return;
        }
        Set<String> keys = new HashSet<>();
        for (BatchWrite ready : writes) {
            KvWrite write = ready.write();
            boolean again = !keys.add(write.key());
            if (again && hasToComeFirst(ready)) {
                throw behindAnother(write);
            }
        }
    }

    /**
     * Checks a write that comes behind others, and before a closing message.
     *
     * @param keys what was written before
     * @throws IllegalArgumentException if it can't
     */
    static void checkNext(int size, Set<String> keys, KvWrite next) {
        if (size >= AtomicBatchWriter.MAX_WRITES - 1) {
            throw new IllegalArgumentException("A batch has " + (AtomicBatchWriter.MAX_WRITES - 1) + " writes at most");
        }
        if (!(next.condition() instanceof KvWrite.Condition.Always)) {
            throw new IllegalArgumentException(
                    "A condition on key \"" + next.key() + "\" in a batch whose closing message has one");
        }
        if (next.operation() == KvOperation.PURGE && keys.contains(next.key())) {
            throw behindAnother(next);
        }
    }

    private static IllegalArgumentException behindAnother(KvWrite write) {
        return new IllegalArgumentException(
                write.operation() == KvOperation.PURGE
                        ? "Purge of key \"" + write.key()
                                + "\" behind another write to it: it has to begin a batch of its own"
                        : "A condition on key \"" + write.key()
                                + "\" behind another write to it: only the first write to a key can have one");
    }

    private static boolean hasToComeFirst(BatchWrite ready) {
        KvWrite write = ready.write();
        return write.operation() == KvOperation.PURGE || !(write.condition() instanceof KvWrite.Condition.Always);
    }
}
