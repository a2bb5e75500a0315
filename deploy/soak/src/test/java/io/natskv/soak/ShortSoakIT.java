package io.natskv.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** A soak of some minutes: two rounds, each kind of its faults once. What a failed one leaves behind stays in {@code target}. */
class ShortSoakIT {
    private static final List<FaultKind> FAULTS = List.of(
            FaultKind.LEADER_KILLED,
            FaultKind.LEADER_FROZEN,
            FaultKind.LINKS_HALF_OPEN,
            FaultKind.WORKER_KILLED,
            FaultKind.BROKER_RESTARTED,
            FaultKind.CAMEL_KILLED,
            FaultKind.MARKERS_PURGED,
            FaultKind.BUCKET_MADE_ANEW);

    @Test
    void nothingIsLostOutOfOrderOrThereTwice() throws Exception {
        long seed = Long.getLong("natskv.soak.seed", ThreadLocalRandom.current().nextInt(1_000_000));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exit = Soak.run(
                List.of(
                        "--minutes",
                        "0",
                        "--rounds",
                        "2",
                        "--faults-per-round",
                        "4",
                        "--seed",
                        Long.toString(seed),
                        "--faults",
                        String.join(",", FaultKind.titles(FAULTS)),
                        "--keep",
                        Path.of("target", "soak-kept").toString()),
                new PrintStream(out, true, StandardCharsets.UTF_8));
        String text = out.toString(StandardCharsets.UTF_8);
        System.out.println(text);
        assertThat(exit).as(text).isZero();
        assertThat(text.strip().lines().reduce((first, last) -> last).orElseThrow())
                .matches("SOAK OK faults=(8|9) changes=[1-9]\\d* lost=0 reordered=0 duplicated=0 seed=" + seed);
        assertThat(text).contains(FaultKind.titles(FAULTS));
    }
}
