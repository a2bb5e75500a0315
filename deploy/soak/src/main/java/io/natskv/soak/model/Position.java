package io.natskv.soak.model;

import java.util.Comparator;

/** A place in what was ever written to a bucket of this name. */
record Position(int incarnation, long revision) implements Comparable<Position> {
    private static final Comparator<Position> ORDER =
            Comparator.comparingInt(Position::incarnation).thenComparingLong(Position::revision);

    @Override
    public int compareTo(Position other) {
        return ORDER.compare(this, other);
    }
}
