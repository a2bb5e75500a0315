package io.natskv.soak;

import io.natskv.soak.model.Findings;
import io.natskv.soak.model.Violation.Kind;

/**
 * The last line.
 *
 * @param faults how many have happened
 * @param changes how many revisions the bucket was seen to get
 */
record Verdict(int faults, int changes, long seed) {
    String line(Findings findings) {
        String counts = "faults=" + faults + " changes=" + changes + " lost=" + findings.count(Kind.LOST)
                + " reordered=" + findings.count(Kind.REORDERED) + " duplicated=" + findings.count(Kind.DUPLICATED)
                + " seed=" + seed;
        return findings.isEmpty()
                ? "SOAK OK " + counts
                : "SOAK FAILED " + counts + ": " + findings.first().get(0);
    }
}
