package io.natskv.tools.verify;

import io.natskv.tools.verify.Difference.Kind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a verification found.
 *
 * @param reference what is right by definition
 * @param extent how far it was read
 * @param revision the last revision of the bucket when the reading began
 * @param comparisons one for each copy
 */
record Report(String reference, String extent, long revision, List<Compared> comparisons) {
    /**
     * A copy.
     *
     * @param copy what it is
     * @param extent how far it was read
     * @param keys how many keys have a value in the reference
     * @param copyKeys how many have one in the copy
     * @param changedMeanwhile how many differed at first, and agree since
     * @param moving how many change all the time
     * @param others how many differed at first, and were not looked at, because there were too many
     * @param differences those that were looked at
     */
    record Compared(
            String copy,
            String extent,
            long keys,
            long copyKeys,
            int changedMeanwhile,
            int moving,
            long others,
            List<Difference> differences) {
        boolean complete() {
            return others == 0;
        }

        boolean equal() {
            return complete() && differences.isEmpty();
        }

        Map<Kind, Long> counts() {
            Map<Kind, Long> counts = new LinkedHashMap<>();
            Arrays.stream(Kind.values())
                    .forEach(kind -> counts.put(
                            kind,
                            differences.stream()
                                    .filter(found -> found.kind() == kind)
                                    .count()));
            return counts;
        }
    }

    boolean equal() {
        return comparisons.stream().allMatch(Compared::equal);
    }

    /** False also where it is not known. */
    boolean different() {
        return comparisons.stream().anyMatch(compared -> !compared.differences().isEmpty());
    }

    /** True if there was nothing to compare. */
    boolean empty() {
        return comparisons.stream().allMatch(compared -> compared.keys() == 0 && compared.copyKeys() == 0);
    }
}
