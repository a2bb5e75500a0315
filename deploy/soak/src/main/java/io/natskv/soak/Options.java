package io.natskv.soak;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What the command line asks for.
 *
 * @param minutes how long rounds are begun
 * @param rounds how many rounds at least, however long they take
 * @param seed of traffic and faults
 * @param faults the kinds that may happen
 * @param faultsPerRound how many of them between two quiet points
 * @param rate changes a second
 * @param keep the folder that takes logs and data of a run that failed
 */
record Options(int minutes, int rounds, long seed, List<FaultKind> faults, int faultsPerRound, int rate, Path keep) {
    private static final int MOST = 1_000_000;

    /**
     * Reads the command line.
     *
     * @return empty if it asks for the help text
     * @throws UserProblem if an option is unknown or its value is malformed; the message names it
     */
    static Optional<Options> parse(List<String> args) {
        int minutes = 10;
        int rounds = 1;
        long seed = ThreadLocalRandom.current().nextLong(MOST);
        List<FaultKind> faults = List.of(FaultKind.values());
        int faultsPerRound = 5;
        int rate = 150;
        Path keep = Path.of("soak-kept");
        Iterator<String> rest = args.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--help", "-h" -> {
                    return Optional.empty();
                }
                case "--minutes" -> minutes = (int) number(option, rest, 0, MOST);
                case "--rounds" -> rounds = (int) number(option, rest, 1, MOST);
                case "--seed" -> seed = number(option, rest, Long.MIN_VALUE, Long.MAX_VALUE);
                case "--faults" -> faults = faults(value(option, rest));
                case "--faults-per-round" -> faultsPerRound = (int) number(option, rest, 0, MOST);
                case "--rate" -> rate = (int) number(option, rest, 1, MOST);
                case "--keep" -> keep = Path.of(value(option, rest));
                default -> throw new UserProblem("Unknown option \"" + option + "\". --help lists the options.");
            }
        }
        return Optional.of(new Options(minutes, rounds, seed, faults, faultsPerRound, rate, keep));
    }

    /** The help text; the start script prints the same file. */
    static List<String> help() {
        try (InputStream in = Options.class.getResourceAsStream("help.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The command that makes the same choices again. */
    String replay() {
        return "deploy/soak/run --minutes " + minutes + " --rounds " + rounds + " --seed " + seed
                + (faults.size() == FaultKind.values().length
                        ? ""
                        : " --faults " + String.join(",", FaultKind.titles(faults)))
                + " --faults-per-round " + faultsPerRound + " --rate "
                + rate;
    }

    private static List<FaultKind> faults(String text) {
        return Arrays.stream(text.split(","))
                .map(title -> FaultKind.of(title.trim()))
                .distinct()
                .toList();
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new UserProblem("Option " + option + " needs a value. --help lists the options.");
        }
        return rest.next();
    }

    private static long number(String option, Iterator<String> rest, long least, long most) {
        String text = value(option, rest);
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UserProblem("Option " + option + " takes a number"
                + (least == Long.MIN_VALUE ? "" : " from " + least + " to " + most) + ", not \"" + text + "\".");
    }
}
