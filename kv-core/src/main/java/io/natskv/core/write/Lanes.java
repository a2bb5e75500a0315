package io.natskv.core.write;

import java.util.LinkedHashMap;
import java.util.Map;

/** The keys written most recently, and all that have a write in flight. Guarded by the writer's lock. */
final class Lanes {
    private final int size;
    private final Map<String, Lane> lanes = new LinkedHashMap<>(16, 0.75f, true);

    /** @param size how many keys are kept; more than can have a write in flight */
    Lanes(int size) {
        this.size = size;
    }

    /** A key that was not written for a while begins anew: nothing is known of it. */
    Lane of(String key) {
        Lane lane = lanes.get(key);
        if (lane == null) {
            lane = new Lane(key);
            lanes.put(key, lane);
            if (lanes.size() > size) {
                evict(lane);
            }
        }
        return lane;
    }

    private void evict(Lane keep) {
        while (true) {
            Lane eldest = lanes.values().iterator().next();
            if (eldest.isIdle() && eldest != keep) {
                lanes.remove(eldest.key());
                return;
            }
            lanes.get(eldest.key()); // in use: counts as the youngest
        }
    }

    void clear() {
        lanes.clear();
    }
}
