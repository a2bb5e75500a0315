package io.natskv.core.differential;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One step of a random sequence. Revisions stand in relation to what is there when it is done, so that a sequence from which steps were taken
 * out still means something.
 *
 * @param kind what to do
 * @param via by whom
 * @param key to which key; meaningless for the kinds that concern the whole bucket
 * @param size length of the value
 */
record Operation(Kind kind, Via via, String key, int size) {
    private static final List<String> KEYS = List.of(
            "a", "a.b", "a.b.c", "a.c", "A", "b", "x/y=z", "-", "_root_", "9.9", "long." + "k".repeat(200), "=");

    /** What is done. */
    enum Kind {
        PUT(30),
        CREATE(10),
        UPDATE(10),
        UPDATE_OF_ANOTHER_REVISION(4),
        DELETE(8),
        DELETE_OF_REVISION(4),
        DELETE_OF_ANOTHER_REVISION(2),
        PURGE(5),
        PURGE_OF_REVISION(3),
        PURGE_OF_ANOTHER_REVISION(2),
        /** Removes what lies behind markers. */
        PURGE_DELETES(1),
        /** And the markers too. */
        PURGE_ALL_DELETES(1),
        /** Reads everything in every way, and compares. */
        READ(1);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }

        boolean concernsBucket() {
            return this == PURGE_DELETES || this == PURGE_ALL_DELETES || this == READ;
        }

        /** A write without a condition, which may be under way with others. */
        boolean pipelined() {
            return this == PUT || this == DELETE || this == PURGE;
        }
    }

    /** By whom. */
    enum Via {
        /** Single requests. */
        BUCKET,
        /** The write engine, with many under way. */
        WRITER,
        /** Atomic batches. */
        BATCH,
        /** The client library's own KV. */
        JNATS
    }

    static List<Operation> random(Random random, List<Via> vias, int count) {
        List<Operation> operations = new ArrayList<>();
        Via via = vias.get(0);
        for (int i = 0; i < count; i++) {
            if (random.nextInt(4) == 0) {
                via = vias.get(random.nextInt(vias.size()));
            }
            int size = random.nextInt(20) == 0 ? random.nextInt(20_000) : random.nextInt(40);
            operations.add(new Operation(
                    kind(random), via, KEYS.get(random.nextInt(KEYS.size())), random.nextInt(10) == 0 ? 0 : size));
        }
        return operations;
    }

    private static Kind kind(Random random) {
        int total = 0;
        for (Kind kind : Kind.values()) {
            total += kind.weight;
        }
        int at = random.nextInt(total);
        for (Kind kind : Kind.values()) {
            at -= kind.weight;
            if (at < 0) {
                return kind;
            }
        }
        throw new AssertionError(at);
    }

    static List<String> keys() {
        return KEYS;
    }

    @Override
    public String toString() {
        return kind + " via " + via + (kind.concernsBucket() ? "" : " of \"" + key + "\", " + size + " bytes");
    }
}
