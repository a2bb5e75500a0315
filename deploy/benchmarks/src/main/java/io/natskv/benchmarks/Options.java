package io.natskv.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the command line asks for.
 *
 * @param suite which measurements
 * @param json where the raw numbers go
 * @param rounds how many rounds of a comparison count; empty for the suite's own number
 * @param kills how often the server is killed; empty for the suite's own number
 * @param profile a folder for a flight recording of each Connect worker
 * @param quick so little work that the figures mean nothing: to see that everything runs
 */
public record Options(
        Suite suite,
        Optional<Path> json,
        OptionalInt rounds,
        OptionalInt kills,
        Optional<Path> profile,
        boolean quick) {
    private static final int MOST = 1_000;

    /** A set of measurements. */
    public enum Suite {
        /** kv-core against jnats. */
        CORE,
        /** The source connector in a Connect worker against one that reads nothing. */
        MIRROR,
        /** The sink connector in a Connect worker against writes from memory, and against one that puts one by one. */
        MATERIALISE,
        /** The Camel component against jnats, and against camel-nats. */
        CAMEL,
        /** A large bucket through a worker with a small heap. */
        SCALE
    }

    /**
     * Reads the command line.
     *
     * @return empty if it asks for the help text
     * @throws UserProblem if it is malformed; the message names what
     */
    static Optional<Options> parse(List<String> args) {
        Suite suite = null;
        Optional<Path> json = Optional.empty();
        OptionalInt rounds = OptionalInt.empty();
        OptionalInt kills = OptionalInt.empty();
        Optional<Path> profile = Optional.empty();
        boolean quick = false;
        Iterator<String> rest = args.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--help", "-h" -> {
                    return Optional.empty();
                }
                case "core" -> suite = Suite.CORE;
                case "mirror" -> suite = Suite.MIRROR;
                case "materialise" -> suite = Suite.MATERIALISE;
                case "camel" -> suite = Suite.CAMEL;
                case "scale" -> suite = Suite.SCALE;
                case "--json" -> json = Optional.of(Path.of(value(option, rest)));
                case "--rounds" -> rounds = OptionalInt.of(number(option, value(option, rest)));
                case "--kills" -> kills = OptionalInt.of(number(option, value(option, rest)));
                case "--profile" -> profile = Optional.of(Path.of(value(option, rest)));
                case "--quick" -> quick = true;
                default ->
                    throw new UserProblem("Unknown " + (option.startsWith("-") ? "option" : "suite") + " \"" + option
                            + "\". --help lists them.");
            }
        }
        if (suite == null) {
            throw new UserProblem("Name a suite: core, mirror, materialise, camel or scale. --help tells more.");
        }
        return Optional.of(new Options(suite, json, rounds, kills, profile, quick));
    }

    /** The help text; the start script prints the same file. */
    static List<String> help() {
        try (InputStream in = Options.class.getResourceAsStream("help.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new UserProblem("Option " + option + " needs a value. --help lists the options.");
        }
        return rest.next();
    }

    private static int number(String option, String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 1 && number <= MOST) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UserProblem("Option " + option + " takes 1 to " + MOST + ", not \"" + text + "\".");
    }
}
