package io.natskv.core.write;

import io.natskv.core.write.KvWrite.Origin;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What is known of the keys written most recently. Guarded by the writer's lock. */
final class RevisionCache {
    private final Map<String, Known> known;

    /**
     * What is known of a key.
     *
     * @param revision its last revision
     * @param origin where that came from, if we wrote it
     */
    record Known(long revision, Optional<Origin> origin) {
        static final Known NOTHING = new Known(0, Optional.empty());

        /** True if that is the same record as a write comes from, or a later one of its topic partition. */
        boolean covers(KvWrite write) {
            return origin.isPresent()
                    && write.origin().isPresent()
                    && write.origin().get().isNoLaterThan(origin.get());
        }
    }

    RevisionCache(int size) {
        known = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
                return size() > size;
            }
        };
    }

    /** Revision 0 for a key that is not known, which is right for one that does not exist. */
    Known get(String key) {
        Known found = known.get(key);
        return found == null ? Known.NOTHING : found;
    }

    void forget(String key) {
        known.remove(key);
    }

    void put(String key, Known value) {
        known.put(key, value);
    }
}
