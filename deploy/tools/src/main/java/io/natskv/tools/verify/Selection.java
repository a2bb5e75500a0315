package io.natskv.tools.verify;

import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.key.KeyCodec;
import io.natskv.core.key.KeyFilter;
import java.util.List;

/**
 * Which keys are compared.
 *
 * @param filters as the bucket stores its keys
 * @param codec of the bucket's keys
 */
record Selection(List<KeyFilter> filters, KeyCodec codec) {
    boolean isAll() {
        return filters.equals(List.of(KeyFilter.ALL));
    }

    /** @param key as its writers know it */
    boolean selects(String key) {
        if (isAll()) {
            return true;
        }
        String stored;
        try {
            stored = codec.encode(key);
        } catch (InvalidKeyException e) {
            return false; // the bucket can't hold it
        }
        return filters.stream().anyMatch(filter -> filter.matches(stored));
    }
}
