package io.natskv.quickstart;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.natskv.core.write.KvWrite;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Makes up the changes: updates of values, new keys, deletes, purges, and values for keys that were deleted. The same seed makes the
 * same changes. No two changes of a key in a row are equal, so that each can be recognised in the second bucket.
 */
final class ChangeGenerator {
    private static final int UPDATE_PERCENT = 70;
    private static final int CREATE_PERCENT = 15;
    private static final int DELETE_PERCENT = 10;

    private final Random random;
    private final Map<String, ObjectNode> values = new HashMap<>();
    private final List<String> live;
    private final List<String> gone = new ArrayList<>();
    private long count;

    /**
     * @param seed seed of the random changes
     * @param data what the bucket holds at the start
     */
    ChangeGenerator(long seed, Map<String, ObjectNode> data) {
        this.random = new Random(seed);
        data.forEach((key, value) -> values.put(key, value.deepCopy()));
        this.live = new ArrayList<>(data.keySet());
    }

    /** The next change. */
    KvWrite next() {
        count++;
        int dice = random.nextInt(100);
        if (live.isEmpty() || dice >= UPDATE_PERCENT && dice < UPDATE_PERCENT + CREATE_PERCENT) {
            return create();
        }
        int index = random.nextInt(live.size());
        if (dice < UPDATE_PERCENT) {
            return put(live.get(index));
        }
        String key = live.set(index, live.get(live.size() - 1));
        live.remove(live.size() - 1);
        gone.add(key);
        return dice < UPDATE_PERCENT + CREATE_PERCENT + DELETE_PERCENT ? KvWrite.delete(key) : KvWrite.purge(key);
    }

    /** How many keys have a value now. */
    int liveKeys() {
        return live.size();
    }

    /** Mostly brings back a key that was deleted; sometimes makes a new one. */
    private KvWrite create() {
        String key;
        if (gone.isEmpty() || random.nextInt(4) == 0) {
            key = "visitor." + count;
            values.put(key, Seeder.empty().put("id", count));
        } else {
            int index = random.nextInt(gone.size());
            key = gone.set(index, gone.get(gone.size() - 1));
            gone.remove(gone.size() - 1);
        }
        live.add(key);
        return put(key);
    }

    private KvWrite put(String key) {
        ObjectNode value = values.get(key);
        value.put("change", count);
        return KvWrite.put(key, Seeder.bytes(value));
    }
}
