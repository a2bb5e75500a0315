package io.natskv.core.watch;

import io.natskv.core.watch.WatchPosition.Anchor;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/**
 * The anchors of one position: the older ones, which hundreds of positions share, and the last entry. Immutable. A position is made for every entry
 * that a connector hands over, and hardly any is ever looked at.
 */
final class Anchors extends AbstractList<Anchor> implements RandomAccess {
    private final List<Anchor> older;
    private final Anchor last;

    /** @param older immutable */
    Anchors(List<Anchor> older, Anchor last) {
        this.older = older;
        this.last = last;
    }

    @Override
    public Anchor get(int index) {
        Objects.checkIndex(index, size());
        return index < older.size() ? older.get(index) : last;
    }

    @Override
    public int size() {
        return older.size() + 1;
    }
}
