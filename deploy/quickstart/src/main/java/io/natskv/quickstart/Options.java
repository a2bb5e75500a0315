package io.natskv.quickstart;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongPredicate;

/**
 * What the command line asks for.
 *
 * @param once compare and end after {@link #changes}, instead of running until it is interrupted
 * @param nats address of the user's own NATS server; empty to start one
 * @param kafka address of the user's own Kafka broker; empty to start one
 * @param bucket name of the first bucket; topic and second bucket are named after it
 * @param changes how many changes {@link #once} makes before it compares
 * @param rate changes a second
 * @param seed seed of the random changes
 * @param natsPort port of the NATS server that is started; 0 for a free one
 * @param kafkaPort port of the Kafka broker that is started; 0 for a free one
 * @param connectPort port of Connect's REST API; 0 for a free one
 * @param keep leave buckets and topics on the user's own servers at the end
 */
record Options(
        boolean once,
        Optional<String> nats,
        Optional<String> kafka,
        String bucket,
        long changes,
        int rate,
        long seed,
        int natsPort,
        int kafkaPort,
        int connectPort,
        boolean keep) {

    static final long DEFAULT_CHANGES = 10_000;
    static final int DEFAULT_RATE = 25;
    static final int DEFAULT_RATE_ONCE = 1_000;

    /**
     * Reads the command line.
     *
     * @return empty if it asks for the help text
     * @throws UserProblem if an option is unknown or its value is malformed; the message names it
     */
    static Optional<Options> parse(List<String> args) {
        Builder builder = new Builder();
        Iterator<String> rest = args.iterator();
        while (rest.hasNext()) {
            String option = rest.next();
            switch (option) {
                case "--help", "-h" -> {
                    return Optional.empty();
                }
                case "--once" -> builder.once = true;
                case "--keep" -> builder.keep = true;
                case "--nats" -> builder.nats = natsUrl(value(option, rest));
                case "--kafka" -> builder.kafka = hostAndPort(value(option, rest));
                case "--bucket" -> builder.bucket = bucket(value(option, rest));
                case "--changes" -> builder.changes = number(option, value(option, rest), n -> n >= 1, "1 or more");
                case "--rate" ->
                    builder.rate =
                            (int) number(option, value(option, rest), n -> n >= 1 && n <= 1_000_000, "1 to 1000000");
                case "--seed" -> builder.seed = number(option, value(option, rest), n -> true, "a number");
                case "--nats-port" -> builder.natsPort = port(option, value(option, rest));
                case "--kafka-port" -> builder.kafkaPort = port(option, value(option, rest));
                case "--connect-port" -> builder.connectPort = port(option, value(option, rest));
                default -> throw new UserProblem("Unknown option \"" + option + "\". --help lists the options.");
            }
        }
        return Optional.of(builder.build());
    }

    /** The help text; the start script prints the same file. */
    static List<String> help() {
        try (InputStream in = Options.class.getResourceAsStream("help.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The second bucket. */
    String copy() {
        return bucket + "-copy";
    }

    /** The topic between the two buckets. */
    String topic() {
        return "kv." + bucket;
    }

    private static String value(String option, Iterator<String> rest) {
        if (!rest.hasNext()) {
            throw new UserProblem("Option " + option + " needs a value. --help lists the options.");
        }
        return rest.next();
    }

    private static long number(String option, String text, LongPredicate allowed, String wanted) {
        try {
            long number = Long.parseLong(text);
            if (allowed.test(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new UserProblem("Option " + option + " takes " + wanted + ", not \"" + text + "\".");
    }

    private static int port(String option, String text) {
        return (int) number(option, text, n -> n >= 1 && n <= 65_535, "a port from 1 to 65535");
    }

    private static String bucket(String text) {
        // The topic's name allows 249 characters, of which "kv." takes three.
        if (!text.matches("[A-Za-z0-9_-]{1,200}")) {
            throw new UserProblem("Option --bucket takes a bucket name of letters, digits, - and _.");
        }
        return text;
    }

    private static String natsUrl(String text) {
        // The value may hold a password: it is not repeated.
        if (!text.matches("((nats|tls|ws|wss)://)?[^\\s/]+/?")) {
            throw new UserProblem("Option --nats takes an address as nats://127.0.0.1:4222.");
        }
        return text;
    }

    private static String hostAndPort(String text) {
        if (!text.matches("[^\\s:,/]+:\\d{1,5}(,[^\\s:,/]+:\\d{1,5})*")) {
            throw new UserProblem("Option --kafka takes HOST:PORT as 127.0.0.1:9092, not \"" + text + "\".");
        }
        return text;
    }

    private static final class Builder {
        private boolean once;
        private boolean keep;
        private String nats;
        private String kafka;
        private String bucket = "world";
        private long changes = DEFAULT_CHANGES;
        private int rate;
        private long seed = ThreadLocalRandom.current().nextLong(1_000_000);
        private int natsPort;
        private int kafkaPort;
        private int connectPort;

        Options build() {
            reject(nats != null && natsPort != 0, "--nats-port is for a server that is started here, not with --nats.");
            reject(
                    kafka != null && kafkaPort != 0,
                    "--kafka-port is for a broker that is started here, not with --kafka.");
            reject(keep && nats == null && kafka == null, "--keep is for your own servers: with --nats or --kafka.");
            int defaultRate = once ? DEFAULT_RATE_ONCE : DEFAULT_RATE;
            return new Options(
                    once,
                    Optional.ofNullable(nats),
                    Optional.ofNullable(kafka),
                    bucket,
                    changes,
                    rate == 0 ? defaultRate : rate,
                    seed,
                    natsPort,
                    kafkaPort,
                    connectPort,
                    keep);
        }

        private static void reject(boolean contradiction, String message) {
            if (contradiction) {
                throw new UserProblem(message);
            }
        }
    }
}
