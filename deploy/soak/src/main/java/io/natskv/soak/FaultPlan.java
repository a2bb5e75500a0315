package io.natskv.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Which faults come, one after another and now and then two at once: by the seed alone. Each kind comes once before one comes again. */
final class FaultPlan {
    private static final int LONGEST_PAUSE = 4_000;
    private static final int SHORTEST_HOLD = 500;
    private static final int LONGEST_HOLD = 8_000;
    private static final int TWO_AT_ONCE = 4;

    private final Random random;
    private final List<FaultKind> kinds;
    private final List<FaultKind> deck = new ArrayList<>();
    private int number;

    /**
     * A fault.
     *
     * @param pause how long traffic goes on before it
     * @param hold how long it lasts, where it lasts
     * @param choice decides among servers, workers, tasks
     */
    record Fault(int number, FaultKind kind, Duration pause, Duration hold, int choice) {
        /** One of so many. */
        int among(int size) {
            return Math.floorMod(choice, size);
        }
    }

    FaultPlan(long seed, List<FaultKind> kinds) {
        this.random = new Random(seed);
        this.kinds = List.copyOf(kinds);
    }

    /** The next one, or the next two at once. */
    List<Fault> next() {
        FaultKind first = draw();
        List<Fault> faults = new ArrayList<>(List.of(fault(first)));
        if (random.nextInt(TWO_AT_ONCE) == 0 && !deck.isEmpty() && deck.get(0).goesWith(first)) {
            faults.add(fault(draw()));
        }
        return faults;
    }

    private FaultKind draw() {
        if (deck.isEmpty()) {
            deck.addAll(kinds);
            Collections.shuffle(deck, random);
        }
        return deck.remove(0);
    }

    private Fault fault(FaultKind kind) {
        number++;
        return new Fault(
                number,
                kind,
                Duration.ofMillis(random.nextInt(LONGEST_PAUSE)),
                Duration.ofMillis(SHORTEST_HOLD + random.nextInt(LONGEST_HOLD - SHORTEST_HOLD)),
                random.nextInt(Integer.MAX_VALUE));
    }
}
