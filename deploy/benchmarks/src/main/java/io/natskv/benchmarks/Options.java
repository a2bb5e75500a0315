package io.natskv.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the command line asks for.
 *
 * @param command what is to be done
 * @param suites which measurements, in their order; none for a page
 * @param json where the raw numbers of one suite go
 * @param out a folder that takes a folder of reports for each suite
 * @param reference whether the reports are those of the repository, and its page is written anew
 * @param rounds how many rounds of a comparison count; empty for the suite's own number
 * @param warmUps how many rounds come before them; empty for the suite's own number
 * @param kills how often the server is killed; empty for the suite's own number
 * @param keys how many keys the largest bucket of {@link Suite#SCALE} has; empty for the suite's own number
 * @param profile a folder for a flight recording of each Connect worker
 * @param from a folder of reports that a page is made of
 * @param to the page
 * @param quick so little work that the figures mean nothing: to see that everything runs
 */
public record Options(
        Command command,
        List<Suite> suites,
        Optional<Path> json,
        Optional<Path> out,
        boolean reference,
        OptionalInt rounds,
        OptionalInt warmUps,
        OptionalInt kills,
        OptionalInt keys,
        Optional<Path> profile,
        Optional<Path> from,
        Optional<Path> to,
        boolean quick) {
    private static final int MOST = 1_000;
    private static final int LEAST_KEYS = 20_000;
    private static final int MOST_KEYS = 100_000_000;

    /** What a run does. */
    public enum Command {
        /** Measures one suite in this JVM. */
        SUITE,
        /** Measures suites one after another, each in a JVM of its own. */
        ALL,
        /** Makes a page of reports. */
        REPORT
    }

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
        /** Both connectors by number of keys, tasks and bytes, through a worker with a small heap. */
        SCALE;

        /** As the command line has it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private static Optional<Suite> of(String word) {
            return Arrays.stream(values())
                    .filter(suite -> suite.word().equals(word))
                    .findFirst();
        }
    }

    /** The suite of a command that measures one. */
    public Suite suite() {
        return suites.get(0);
    }

    /**
     * Reads the command line.
     *
     * @return empty if it asks for the help text
     * @throws UserProblem if it is malformed; the message names what
     */
    static Optional<Options> parse(List<String> args) {
        if (args.contains("--help") || args.contains("-h")) {
            return Optional.empty();
        }
        return Optional.of(new Parser(args.iterator()).parse());
    }

    /** The help text; the start script prints the same file. */
    static List<String> help() {
        try (InputStream in = Options.class.getResourceAsStream("help.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For the JVM that measures one suite of these. */
    List<String> forSuite(Suite suite, Path reports) {
        List<String> args = new ArrayList<>(List.of(suite.word(), "--out", reports.toString()));
        rounds.ifPresent(value -> args.addAll(List.of("--rounds", Integer.toString(value))));
        warmUps.ifPresent(value -> args.addAll(List.of("--warm-ups", Integer.toString(value))));
        kills.ifPresent(value -> args.addAll(List.of("--kills", Integer.toString(value))));
        keys.ifPresent(value -> args.addAll(List.of("--keys", Integer.toString(value))));
        profile.ifPresent(value -> args.addAll(List.of("--profile", value.toString())));
        if (quick) {
            args.add("--quick");
        }
        return args;
    }

    private static final class Parser {
        private final Iterator<String> rest;
        private String what = "";
        private Optional<Path> json = Optional.empty();
        private Optional<Path> out = Optional.empty();
        private Optional<Path> profile = Optional.empty();
        private Optional<Path> from = Optional.empty();
        private Optional<Path> to = Optional.empty();
        private OptionalInt rounds = OptionalInt.empty();
        private OptionalInt warmUps = OptionalInt.empty();
        private OptionalInt kills = OptionalInt.empty();
        private OptionalInt keys = OptionalInt.empty();
        private List<Suite> only = List.of();
        private boolean reference;
        private boolean quick;

        Parser(Iterator<String> args) {
            this.rest = args;
        }

        Options parse() {
            while (rest.hasNext()) {
                take(rest.next());
            }
            Command command = switch (what) {
                case "" ->
                    throw new UserProblem(
                            "Name a suite: core, mirror, materialise, camel or scale; or all, or report. --help tells more.");
                case "all" -> Command.ALL;
                case "report" -> Command.REPORT;
                default -> Command.SUITE;
            };
            check(command);
            List<Suite> suites = switch (command) {
                case SUITE -> List.of(Suite.of(what).orElseThrow());
                case ALL -> only.isEmpty() ? List.of(Suite.values()) : only;
                case REPORT -> List.of();
            };
            return new Options(
                    command, suites, json, out, reference, rounds, warmUps, kills, keys, profile, from, to, quick);
        }

        private void take(String option) {
            switch (option) {
                case "--json" -> json = Optional.of(path(option));
                case "--out" -> out = Optional.of(path(option));
                case "--from" -> from = Optional.of(path(option));
                case "--to" -> to = Optional.of(path(option));
                case "--profile" -> profile = Optional.of(path(option));
                case "--rounds" -> rounds = number(option, 1, MOST);
                case "--warm-ups" -> warmUps = number(option, 0, MOST);
                case "--kills" -> kills = number(option, 1, MOST);
                case "--keys" -> keys = number(option, LEAST_KEYS, MOST_KEYS);
                case "--only" -> only = suites(option);
                case "--reference" -> reference = true;
                case "--quick" -> quick = true;
                default -> what = word(option);
            }
        }

        private String word(String word) {
            if (word.startsWith("-")) {
                throw new UserProblem("Unknown option \"" + word + "\". --help lists them.");
            }
            if (!word.equals("all") && !word.equals("report") && Suite.of(word).isEmpty()) {
                throw new UserProblem("Unknown suite \"" + word + "\". --help lists them.");
            }
            if (!what.isEmpty()) {
                throw new UserProblem("Both " + what + " and " + word + ": name one; for several: all --only.");
            }
            return word;
        }

        private void check(Command command) {
            if (command != Command.ALL && (reference || !only.isEmpty())) {
                throw new UserProblem("--only and --reference belong to all.");
            }
            if (command != Command.REPORT && (from.isPresent() || to.isPresent())) {
                throw new UserProblem("--from and --to belong to report.");
            }
            if (command != Command.SUITE && json.isPresent()) {
                throw new UserProblem("--json belongs to one suite; all and report take folders: --out, --from.");
            }
            if (reference && (quick || out.isPresent())) {
                throw new UserProblem("--reference goes neither with --quick nor with --out.");
            }
        }

        private List<Suite> suites(String option) {
            List<Suite> named = new ArrayList<>();
            for (String name : value(option).split(",")) {
                named.add(Suite.of(name)
                        .orElseThrow(() -> new UserProblem("Unknown suite \"" + name + "\". --help lists them.")));
            }
            return List.copyOf(named);
        }

        private Path path(String option) {
            return Path.of(value(option));
        }

        private String value(String option) {
            if (!rest.hasNext()) {
                throw new UserProblem("Option " + option + " needs a value. --help lists the options.");
            }
            return rest.next();
        }

        private OptionalInt number(String option, int least, int most) {
            String text = value(option);
            try {
                int number = Integer.parseInt(text);
                if (number >= least && number <= most) {
                    return OptionalInt.of(number);
                }
            } catch (NumberFormatException e) {
                // said below
            }
            throw new UserProblem("Option " + option + " takes " + least + " to " + most + ", not \"" + text + "\".");
        }
    }
}
