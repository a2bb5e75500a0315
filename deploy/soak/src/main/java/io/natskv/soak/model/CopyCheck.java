package io.natskv.soak.model;

import io.natskv.soak.model.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a copy holds what a sink promises of a topic: each record became one revision, those of a key in their order. So it is with
 * exactly-once; with at-least-once too, as long as nobody else writes into the copy: every entry tells its record, and one that is there is not
 * written again. For one check.
 */
public final class CopyCheck {
    private final String where;
    private final History copy;
    private final Findings findings;

    public CopyCheck(String where, History copy, Findings findings) {
        this.where = where;
        this.copy = copy;
        this.findings = findings;
    }

    /**
     * @param records of the topic, those of a partition in their order
     * @param upTo the last revision of the copy that was there before the records were read: what came later may be of later records
     */
    public void run(List<TopicEntry> records, long upTo) {
        Map<String, TopicEntry> byPlace = new HashMap<>();
        Map<String, List<TopicEntry>> byKey = new LinkedHashMap<>();
        for (TopicEntry record : records) {
            byPlace.put(record.place(), record);
            byKey.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record);
        }
        Set<String> stored = new HashSet<>();
        Map<String, TopicEntry> lastOfKey = new HashMap<>();
        for (Change change : copy.changes(0)) {
            if (change.revision() > upTo) {
                break;
            }
            TopicEntry record = byPlace.get(change.origin());
            if (record == null) {
                findings.add(Kind.WRONG, where, change + " was made of no record of the topic");
                continue;
            }
            if (!record.key().equals(change.key())
                    || record.operation() != change.operation()
                    || record.digest() != change.digest()) {
                findings.add(Kind.WRONG, where, change + " was " + record + ", or its value differs");
            }
            TopicEntry before = lastOfKey.get(change.key());
            if (!stored.add(record.place())) {
                findings.add(Kind.DUPLICATED, where, change + " was stored already");
            } else if (before != null && record.offset() < before.offset()) {
                findings.add(Kind.REORDERED, where, change + " comes behind " + before);
            } else {
                lastOfKey.put(change.key(), record);
            }
        }
        byKey.forEach((key, all) -> lost(all, stored, lastOfKey.get(key)));
    }

    /**
     * Whether an exactly-once sink has stored each record once by the number of messages alone, so that nothing escapes which a purge removed before
     * anybody saw it.
     *
     * @param records of the topic
     * @param beside messages of the sink that are no records
     * @param lastSequence how many messages the stream has ever got
     */
    public void count(int records, long beside, long lastSequence) {
        long surplus = lastSequence - beside - records;
        if (surplus != 0) {
            findings.add(
                    surplus > 0 ? Kind.DUPLICATED : Kind.LOST,
                    where,
                    lastSequence + " messages were ever stored, " + beside + " of them offsets; the topic has "
                            + records + " records");
        }
    }

    private void lost(List<TopicEntry> records, Set<String> stored, TopicEntry last) {
        for (TopicEntry record : records) {
            if (!stored.contains(record.place()) && !purgedSince(record)) {
                findings.add(
                        Kind.LOST,
                        where,
                        record + " was not stored" + (last == null ? "" : "; the last one of the key is " + last));
            }
        }
    }

    /** A purge removes what was before it, perhaps before the recorder saw it. */
    private boolean purgedSince(TopicEntry record) {
        String partition = record.topic() + "/" + record.partition() + "/";
        return copy.changes(record.key()).stream()
                .anyMatch(change -> change.operation() == Operation.PURGE
                        && change.origin() != null
                        && change.origin().startsWith(partition)
                        && Long.parseLong(change.origin().substring(partition.length())) > record.offset());
    }
}
