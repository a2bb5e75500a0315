package io.natskv.tools.verify;

import io.natskv.tools.ToolException;
import io.natskv.tools.verify.Difference.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * Looks again at the keys that differed, because writers went on while both sides were read, and a connector is always a little behind. What
 * differs still, after a while in which the copy could have caught up, is a difference. A key of which the copy holds a later version than it had to
 * is on its way; where versions are not known, a key that changes on both sides meanwhile can't be told.
 */
final class Recheck {
    private static final Duration PAUSE = Duration.ofMillis(250);

    private final Side reference;
    private final Side copy;
    private final long pinned;
    private final Duration settle;

    /**
     * What was found.
     *
     * @param differences by key
     * @param agreed how many keys agree on a second look
     * @param moving how many change on both sides, and do not say which versions they are
     */
    record Outcome(List<Difference> differences, int agreed, int moving) {}

    /**
     * @param pinned the last revision of the reference when it was read; {@link Long#MAX_VALUE} if its versions are no revisions
     * @param settle how long a copy may take to catch up
     */
    Recheck(Side reference, Side copy, long pinned, Duration settle) {
        this.reference = reference;
        this.copy = copy;
        this.pinned = pinned;
        this.settle = settle;
    }

    /** @param candidates what both sides held of each key when they were read */
    Outcome run(Map<String, State> references, Map<String, State> copies) {
        Map<String, State> firstReferences = new HashMap<>(references);
        Map<String, State> lookedReferences = firstReferences;
        Map<String, State> lookedCopies = new HashMap<>(copies);
        Map<String, State> nowReferences = references;
        Map<String, State> nowCopies = copies;
        Set<String> left = new HashSet<>(references.keySet());
        Set<String> wrong = new HashSet<>();
        references.forEach((key, held) -> {
            if (isSpoilt(held, copies.get(key))) {
                wrong.add(key);
            }
        });
        boolean first = true;
        int agreed = 0;
        long deadline = System.nanoTime() + settle.toNanos();
        while (!left.isEmpty()) {
            // The reference first: what the copy has by then it may have taken from there.
            nowReferences = reference.again(only(nowReferences, left));
            nowCopies = copy.again(only(nowCopies, left));
            agreed += agreeing(left, wrong, firstReferences, nowReferences, nowCopies);
            if (copyIsAhead(left, nowReferences, nowCopies)) {
                // Written between the two looks, or never in the reference.
                nowReferences = reference.again(only(nowReferences, left));
                agreed += agreeing(left, wrong, firstReferences, nowReferences, nowCopies);
            }
            if (left.isEmpty() || System.nanoTime() - deadline >= 0) {
                break;
            }
            if (first) {
                lookedReferences = nowReferences;
                lookedCopies = nowCopies;
                first = false;
            }
            pause();
        }
        List<Difference> differences = new ArrayList<>();
        int moving = 0;
        for (String key : new TreeSet<>(left)) {
            State held = nowReferences.get(key);
            State copied = nowCopies.get(key);
            boolean versions = held.hasVersion() && copied.hasVersion();
            if (!versions
                    && held.place() != lookedReferences.get(key).place()
                    && copied.place() != lookedCopies.get(key).place()) {
                moving++;
            } else {
                differences.add(difference(key, held, copied));
            }
        }
        return new Outcome(differences, agreed, moving);
    }

    /**
     * Takes away the keys that agree.
     *
     * @param wrong keys of which the copy was seen with another content than its version has; then that is no excuse any more
     * @return how many
     */
    private int agreeing(
            Set<String> left,
            Set<String> wrong,
            Map<String, State> firsts,
            Map<String, State> references,
            Map<String, State> copies) {
        int before = left.size();
        left.removeIf(key -> {
            State held = references.get(key);
            State copied = copies.get(key);
            if (held.sameContent(copied)) {
                return true;
            }
            State first = firsts.get(key);
            if (isSpoilt(held, copied) || isSpoilt(first, copied)) {
                wrong.add(key);
            }
            return !wrong.contains(key) && isOnItsWay(first, held, copied);
        });
        return before - left.size();
    }

    private static boolean isSpoilt(State held, State copied) {
        return copied.hasVersion() && copied.version() == held.version() && !copied.sameContent(held);
    }

    /** The copy is also right with an earlier version than the reference has now, if that is past what was to be compared. */
    private boolean isOnItsWay(State first, State held, State copied) {
        return held.problem() == null
                && copied.problem() == null
                && copied.isBefore(held)
                && (copied.version() > pinned || first.isBefore(copied) || copied.version() == first.version());
    }

    private static boolean copyIsAhead(Set<String> left, Map<String, State> references, Map<String, State> copies) {
        return left.stream()
                .anyMatch(key -> copies.get(key).hasVersion()
                        && copies.get(key).version() > references.get(key).version());
    }

    private static Map<String, State> only(Map<String, State> states, Set<String> keys) {
        Map<String, State> some = new HashMap<>();
        keys.forEach(key -> some.put(key, states.get(key)));
        return some;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException("Interrupted", e);
        }
    }

    private Difference difference(String key, State held, State copied) {
        Kind kind;
        String detail = "";
        if (held.problem() != null || copied.problem() != null) {
            kind = Kind.unreadable;
            detail = held.problem() != null ? held.problem() : copied.problem();
        } else if (!copied.present()) {
            kind = Kind.missing;
        } else if (!held.present()) {
            kind = Kind.extra;
            detail = held.place() == State.UNKNOWN
                    ? "nothing is known of the key in " + reference.name()
                    : "deleted at " + reference.place(held);
        } else if (copied.isBefore(held)) {
            kind = Kind.stale;
            detail = "it is a copy of " + reference.place(new State(true, 0, 0, copied.version(), null));
        } else {
            OptionalLong earlier = copied.hasVersion() ? OptionalLong.empty() : reference.earlier(key, copied);
            kind = earlier.isPresent() ? Kind.stale : Kind.different;
            detail = earlier.isPresent() ? "it is the content of revision " + earlier.getAsLong() : "";
        }
        return new Difference(
                kind,
                key,
                held.present() ? reference.place(held) : null,
                copied.present() ? copy.place(copied) : null,
                detail);
    }
}
