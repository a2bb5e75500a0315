package io.natskv.camel;

import io.natskv.core.key.KeyFilter;
import java.util.Arrays;
import java.util.List;

/** The option and header {@code key} read as filters. */
final class KeyFilters {
    private KeyFilters() {}

    /**
     * Reads filters that are separated by commas; null or blank selects all keys.
     *
     * @throws io.natskv.core.error.InvalidKeyException if one is malformed
     */
    static List<KeyFilter> parse(String text) {
        if (text == null || text.isBlank()) {
            return List.of(KeyFilter.ALL);
        }
        return Arrays.stream(text.split(","))
                .map(String::trim)
                .map(KeyFilter::new)
                .toList();
    }
}
