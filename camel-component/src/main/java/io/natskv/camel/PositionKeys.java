package io.natskv.camel;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The names under which the consumers of a component keep their positions: no two in one place, or one would skip what the other has done. */
final class PositionKeys {
    private final Set<Place> taken = ConcurrentHashMap.newKeySet();

    /** Where a position is kept. Equal only for the very same repository or strategy. */
    private record Place(Object store, String key) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Place place && place.store == store && place.key.equals(key);
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(store) + key.hashCode();
        }
    }

    /**
     * Takes a name until what is returned is run.
     *
     * @throws IllegalArgumentException if a running consumer has it
     */
    Runnable take(Object store, String key) {
        Place place = new Place(store, key);
        if (!taken.add(place)) {
            throw new IllegalArgumentException("The position \"" + key
                    + "\" is kept by another consumer of this Camel context already: set offsetKey on one of them");
        }
        return () -> taken.remove(place);
    }
}
