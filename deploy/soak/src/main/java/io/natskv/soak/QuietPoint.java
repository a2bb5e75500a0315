package io.natskv.soak;

import io.natskv.soak.Pipelines.Form;
import io.natskv.soak.model.Ack;
import io.natskv.soak.model.CamelCheck;
import io.natskv.soak.model.CopyCheck;
import io.natskv.soak.model.Findings;
import io.natskv.soak.model.OriginCheck;
import io.natskv.soak.model.Seen;
import io.natskv.soak.model.State;
import io.natskv.soak.model.TopicCheck;
import io.natskv.soak.model.TopicEntry;
import io.natskv.soak.model.Unrecorded;
import io.natskv.soak.model.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/** Traffic has paused, faults are healed: all sides have to become the same, and to have come there as they should. */
final class QuietPoint {
    /** Far above what any part needs: what takes longer stands still. */
    static final Duration PATIENCE = Duration.ofMinutes(4);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final Duration STRAGGLERS = Duration.ofSeconds(30);
    private static final Duration TELL_AGAIN = Duration.ofSeconds(10);
    private static final int SHOWN = 5;

    private final Origin origin;
    private final List<Mirror> mirrors;
    private final CamelProcess camel;
    private final Pipelines pipelines;
    private final Supervision supervision;
    private final Journal journal;
    private Look last;

    /** All that was read at a moment in which nothing changed. */
    private record Look(Instant at, Map<Form, List<TopicEntry>> topics, Map<Form, Count> counts, List<Seen> camel) {}

    /**
     * Messages of a copy, before its topic was read.
     *
     * @param offsets those that are no records
     * @param last sequence of the last one
     * @param recorded the last one that was recorded
     */
    private record Count(long offsets, long last, long recorded) {}

    QuietPoint(
            Origin origin,
            List<Mirror> mirrors,
            CamelProcess camel,
            Pipelines pipelines,
            Supervision supervision,
            Journal journal) {
        this.origin = origin;
        this.mirrors = mirrors;
        this.camel = camel;
        this.pipelines = pipelines;
        this.supervision = supervision;
        this.journal = journal;
    }

    /**
     * Waits until bucket, topics, copies and the Camel consumer are the same, then checks how they came there. Then one change more for each filter
     * has to come everywhere: what stands still by now, with nothing left to do, shows by it.
     *
     * @return what it saw, in words
     */
    String check(Findings findings) throws InterruptedException {
        String words = same("quiet point", findings);
        if (findings.isEmpty()) {
            origin.traffic().look();
            words += "; " + same("one change more", findings);
        }
        return words;
    }

    private String same(String what, Findings findings) throws InterruptedException {
        Instant begun = Instant.now();
        Instant told = begun;
        Instant same = null;
        String difference = "nothing was looked at";
        last = null;
        while (findings.isEmpty() && Duration.between(begun, Instant.now()).compareTo(PATIENCE) < 0) {
            try {
                supervision.look(findings);
                difference = difference();
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                difference = "a side can't be read: " + causes(e);
            }
            if (difference.isEmpty()) {
                same = same == null ? Instant.now() : same;
                Findings seen = new Findings();
                String words = examine(seen, true);
                // A marker of a key that was gone before changes no side: it may still be on its way.
                boolean mayCome = seen.count(Violation.Kind.LOST) > 0
                        && Duration.between(same, Instant.now()).compareTo(STRAGGLERS) < 0;
                if (!mayCome) {
                    findings.addAll(seen);
                    return words + ", same after "
                            + Duration.between(begun, Instant.now()).toMillis() + " ms";
                }
            } else if (Duration.between(told, Instant.now()).compareTo(TELL_AGAIN) >= 0) {
                told = Instant.now();
                journal.line("not the same yet: " + difference);
                supervision.endHangingTransactions();
            }
            Faults.hold(LOOK_AGAIN);
        }
        if (findings.isEmpty()) {
            findings.add(
                    Violation.Kind.STUCK, what, "not the same after " + PATIENCE.toSeconds() + " s: " + difference);
        }
        return last == null ? difference : standingStill(findings);
    }

    /** What has not come where something stands still is not lost: it would hide what is. */
    private String standingStill(Findings findings) {
        Findings seen = new Findings();
        String words = examine(seen, false);
        findings.addAllBut(Violation.Kind.LOST, seen);
        return words;
    }

    private static String causes(Throwable e) {
        return e.getCause() == null || e.getCause() == e ? e.toString() : e + ", by " + causes(e.getCause());
    }

    /** Empty if there is none. What was read for it is kept. */
    private String difference() throws Exception {
        origin.traffic().checkRunning();
        String difference = pipelines.running() ? "" : "not all connectors run";
        if (!origin.recorded()) {
            return "changes of the bucket are still recorded";
        }
        long revision = origin.history().lastRevision();
        Instant at = Instant.now();
        Map<String, State> states = BucketState.read(origin.bucket());
        Map<String, Long> values = TopicLog.values(states);
        Map<Form, List<TopicEntry>> topics = new HashMap<>();
        Map<Form, Count> counts = new HashMap<>();
        difference = either(
                difference,
                values.keySet().stream()
                        .filter(Traffic::willExpire)
                        .findAny()
                        .map(key -> "bucket: key " + key + " has still to expire")
                        .orElse(""));
        for (Mirror mirror : mirrors) {
            if (!mirror.recorded()) {
                difference = either(difference, "changes of a copy are still recorded");
            }
            Count count = count(mirror);
            counts.put(mirror.form(), count);
            // In this order: whatever the copy had by now was made of records that are read.
            if (!mirror.topic().caughtUp()) {
                difference = either(difference, "records of a topic are still read");
            }
            topics.put(mirror.form(), mirror.topic().entries());
            if (count.last != mirror.copy().lastSequence()) {
                difference = either(difference, "a copy has changed meanwhile");
            }
            difference = either(
                    difference,
                    differs(
                            "topic " + mirror.form().topic(),
                            values,
                            mirror.topic().values()));
            difference = either(
                    difference,
                    differs(
                            "bucket " + mirror.form().copy(),
                            values,
                            TopicLog.values(BucketState.read(mirror.copy()))));
        }
        List<Seen> lines = camel.lines();
        CamelCheck seen = new CamelCheck(origin.history(), Unrecorded.of(List.of(), origin.history()), new Findings());
        seen.run(lines, at);
        Map<String, Long> revisions = seen.lastRevisions();
        for (Map.Entry<String, State> state : states.entrySet()) {
            if (!Long.valueOf(state.getValue().revision()).equals(revisions.get(state.getKey()))) {
                difference = either(
                        difference,
                        "Camel consumer: key " + state.getKey() + " has revision "
                                + state.getValue().revision() + ", seen was " + revisions.get(state.getKey()));
            }
        }
        if (!origin.recorded() || origin.history().lastRevision() != revision) {
            return either(difference, "the bucket has changed meanwhile");
        }
        last = new Look(at, topics, counts, lines);
        return difference;
    }

    private static Count count(Mirror mirror) throws Exception {
        long recorded = mirror.history().lastRevision();
        long sequence = mirror.copy().lastSequence();
        return new Count(mirror.copy().offsetMessages(), sequence, recorded);
    }

    /** @param complete whether nothing is on its way any more, so that messages can be counted */
    private String examine(Findings findings, boolean complete) {
        List<Ack> writes = origin.traffic().writes();
        new OriginCheck(origin.history(), findings).run(writes);
        Unrecorded unrecorded = Unrecorded.of(writes, origin.history());
        List<String> words = new ArrayList<>();
        words.add(origin.history().size() + " changes");
        for (Mirror mirror : mirrors) {
            Form form = mirror.form();
            TopicCheck topic = new TopicCheck(
                    "topic " + form.topic(),
                    form.exactlyOnce(),
                    origin.history(),
                    mirror.topic().snapshots(),
                    unrecorded,
                    findings);
            List<TopicEntry> entries = last.topics.get(form);
            topic.run(entries, last.at);
            CopyCheck copy = new CopyCheck("bucket " + form.copy(), mirror.history(), findings);
            Count count = last.counts.get(form);
            copy.run(entries, count.recorded);
            if (complete) {
                copy.count(entries.size(), count.offsets, count.last);
            }
            words.add(form.name() + ": " + entries.size() + " records, " + topic.repeated() + " of them repeated, "
                    + topic.excused() + " revisions gone before they were read, "
                    + mirror.history().size() + " stored");
        }
        CamelCheck seen = new CamelCheck(origin.history(), unrecorded, findings);
        seen.run(last.camel, last.at);
        words.add("Camel: " + seen.repeated() + " repeated");
        return String.join("; ", words);
    }

    private static String either(String first, String second) {
        return first.isEmpty() ? second : first;
    }

    private static String differs(String where, Map<String, Long> wanted, Map<String, Long> found) {
        if (wanted.equals(found)) {
            return "";
        }
        TreeSet<String> keys = new TreeSet<>(wanted.keySet());
        keys.addAll(found.keySet());
        keys.removeIf(key -> Objects.equals(wanted.get(key), found.get(key)));
        return where + ": " + keys.size() + " keys differ from the bucket: "
                + keys.stream()
                        .limit(SHOWN)
                        .map(key -> key
                                + (!found.containsKey(key)
                                        ? " is missing"
                                        : wanted.containsKey(key) ? " has another value" : " should be gone"))
                        .toList();
    }
}
