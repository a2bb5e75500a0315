package io.natskv.tools.verify;

import io.natskv.tools.Output;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the reference, then each copy, and compares key by key. */
final class Verification {
    private final Side reference;
    private final List<Side> copies;
    private final long pinned;
    private final Limits limits;
    private final Output output;

    /**
     * What a verification may use.
     *
     * @param folder for its files; null for the system's own
     * @param settle how long a copy may take to catch up
     * @param differences after so many of a copy, the others are not looked at
     */
    record Limits(Path folder, Duration settle, int differences) {}

    /** @param pinned the reference's last revision when it was opened; {@link Long#MAX_VALUE} if its versions are no revisions */
    Verification(Side reference, List<Side> copies, long pinned, Limits limits, Output output) {
        this.reference = reference;
        this.copies = copies;
        this.pinned = pinned;
        this.limits = limits;
        this.output = output;
    }

    List<Report.Compared> run() {
        List<Candidates> candidates = new ArrayList<>();
        copies.forEach(copy -> candidates.add(new Candidates()));
        try (Spill spill = new Spill(limits.folder, 1 + copies.size())) {
            reference.read((key, state) -> spill.add(0, key, state));
            for (int i = 0; i < copies.size(); i++) {
                int side = i + 1;
                copies.get(i).read((key, state) -> spill.add(side, key, state));
            }
            output.progress(() -> "comparing");
            spill.forEach((key, states) -> {
                for (int i = 0; i < copies.size(); i++) {
                    candidates.get(i).look(key, states[0], states[i + 1]);
                }
            });
        }
        List<Report.Compared> compared = new ArrayList<>();
        for (int i = 0; i < copies.size(); i++) {
            compared.add(candidates.get(i).compared(copies.get(i)));
        }
        return compared;
    }

    /** The keys of a copy that differ at first sight. */
    private final class Candidates {
        private final Map<String, State> references = new HashMap<>();
        private final Map<String, State> states = new HashMap<>();
        private long keys;
        private long copyKeys;
        private long others;

        private void look(String key, State held, State copied) {
            keys += held.present() ? 1 : 0;
            copyKeys += copied.present() ? 1 : 0;
            if (held.sameContent(copied)) {
                return;
            }
            if (references.size() < limits.differences) {
                references.put(key, held);
                states.put(key, copied);
            } else {
                others++;
            }
        }

        private Report.Compared compared(Side copy) {
            if (!references.isEmpty()) {
                output.progress(() -> "looking again at %,d keys of %s".formatted(references.size(), copy.name()));
            }
            String extent = copy.extent();
            Recheck.Outcome outcome = new Recheck(reference, copy, pinned, limits.settle).run(references, states);
            return new Report.Compared(
                    copy.name(),
                    extent,
                    keys,
                    copyKeys,
                    outcome.agreed(),
                    outcome.moving(),
                    others,
                    outcome.differences());
        }
    }
}
