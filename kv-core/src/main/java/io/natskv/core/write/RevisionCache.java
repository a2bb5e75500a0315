package io.natskv.core.write;

import java.util.LinkedHashMap;
import java.util.Map;

/** The last known revision of the keys written most recently. Guarded by the writer's lock. */
final class RevisionCache {
    private final Map<String, Long> revisions;

    RevisionCache(int size) {
        revisions = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                return size() > size;
            }
        };
    }

    /** The last known revision; 0 for a key that is not known, which is right for one that does not exist. */
    long get(String key) {
        Long revision = revisions.get(key);
        return revision == null ? 0 : revision;
    }

    void forget(String key) {
        revisions.remove(key);
    }

    void put(String key, long revision) {
        revisions.put(key, revision);
    }
}
