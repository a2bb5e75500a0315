package io.natskv.connect.source.reconcile;

/** Lets the watches of a task compare one after another: each comparison takes memory for every key of its topic. For the task's thread. */
public final class ReconcileTurn {
    private Reconciliation holder;

    boolean isFree() {
        return holder == null;
    }

    /** True if it is this one's turn now, until it gives it back. */
    boolean take(Reconciliation reconciliation) {
        if (holder == null) {
            holder = reconciliation;
        }
        return holder == reconciliation;
    }

    /** Lets another one begin; nothing if it was not this one's turn. */
    void giveBack(Reconciliation reconciliation) {
        if (holder == reconciliation) {
            holder = null;
        }
    }
}
