package io.natskv.camel;

import io.natskv.core.KvEntry;
import java.util.ArrayList;
import java.util.List;

/**
 * What one exchange is made of.
 *
 * @param entries the changes, in order; none for the end of the data. Nobody changes them
 * @param initial whether they are part of what was there when the watch began
 * @param settlements what is owed for them, in their order; none if nothing is
 * @param isEndOfData whether it says that all that was there has been processed
 */
record Work(List<KvEntry> entries, boolean initial, List<Settlement> settlements, boolean isEndOfData) {
    Work {
        entries = List.copyOf(entries);
        settlements = List.copyOf(settlements);
    }

    Work(List<KvEntry> entries, boolean initial, List<Settlement> settlements) {
        this(entries, initial, settlements, false);
    }

    static Work of(KvEntry entry, boolean initial, Settlement settlement) {
        return new Work(List.of(entry), initial, List.of(settlement));
    }

    /** Says that all that was there has been processed. */
    static Work endOfData(Settlement settlement) {
        return new Work(List.of(), false, List.of(settlement), true);
    }

    /** What of it is still to be processed here; null if nothing is. */
    Work wanted() {
        if (settlements.stream().allMatch(Settlement::isWanted)) {
            return this;
        }
        List<KvEntry> wantedEntries = new ArrayList<>();
        List<Settlement> wantedSettlements = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            if (settlements.get(i).isWanted()) {
                wantedEntries.add(entries.get(i));
                wantedSettlements.add(settlements.get(i));
            }
        }
        return wantedEntries.isEmpty() ? null : new Work(wantedEntries, initial, wantedSettlements);
    }

    /** Whether a suspended consumer gives all of it back. */
    boolean isReturnable() {
        return !settlements.isEmpty() && settlements.stream().allMatch(Settlement::isReturnable);
    }

    KvEntry last() {
        return entries.get(entries.size() - 1);
    }

    /** For messages: never a value. */
    @Override
    public String toString() {
        if (isEndOfData) {
            return "The end of the data";
        }
        KvEntry last = last();
        return entries.size() == 1
                ? "Change of key \"" + last.key() + "\" in bucket \"" + last.bucket() + "\" at revision "
                        + last.revision()
                : "Batch of " + entries.size() + " changes in bucket \"" + last.bucket() + "\" up to revision "
                        + last.revision();
    }
}
