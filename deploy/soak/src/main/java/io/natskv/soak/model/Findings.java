package io.natskv.soak.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Violations, counted; the first ones in full. For one thread. */
public final class Findings {
    private static final int KEPT = 50;

    private final Map<Violation.Kind, Integer> counts = new EnumMap<>(Violation.Kind.class);
    private final List<Violation> first = new ArrayList<>();

    public void add(Violation.Kind kind, String where, String text) {
        counts.merge(kind, 1, Integer::sum);
        if (first.size() < KEPT) {
            first.add(new Violation(kind, where, text));
        }
    }

    /** Takes over what another one has. */
    public void addAll(Findings others) {
        take(others, kind -> true);
    }

    /** Takes over what another one has, but for one kind. */
    public void addAllBut(Violation.Kind kind, Findings others) {
        take(others, each -> each != kind);
    }

    private void take(Findings others, Predicate<Violation.Kind> wanted) {
        others.counts.forEach((kind, number) -> {
            if (wanted.test(kind)) {
                counts.merge(kind, number, Integer::sum);
            }
        });
        others.first.stream()
                .filter(violation -> wanted.test(violation.kind()))
                .limit(KEPT - first.size())
                .forEach(first::add);
    }

    public int count(Violation.Kind kind) {
        return counts.getOrDefault(kind, 0);
    }

    public boolean isEmpty() {
        return counts.isEmpty();
    }

    /** In the order in which they were found; of many the first fifty. */
    public List<Violation> first() {
        return List.copyOf(first);
    }
}
