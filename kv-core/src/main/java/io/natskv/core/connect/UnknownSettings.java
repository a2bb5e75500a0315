package io.natskv.core.connect;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.ConfigValue;

/**
 * Finds settings that nobody reads: neither the connector nor Connect itself. Connect ignores them without a word, so that a typing error
 * looks like a setting that does nothing.
 */
public final class UnknownSettings {
    /** What Connect knows of any connector (ConnectorConfig of Kafka 4.3). */
    private static final Set<String> FRAMEWORK = Set.of(
            "name",
            "connector.class",
            "connector.plugin.version",
            "tasks.max",
            "tasks.max.enforce",
            "key.converter",
            "key.converter.plugin.version",
            "value.converter",
            "value.converter.plugin.version",
            "header.converter",
            "header.converter.plugin.version",
            "config.action.reload",
            "transforms",
            "predicates",
            "errors.retry.timeout",
            "errors.retry.delay.max.ms",
            "errors.tolerance",
            "errors.log.enable",
            "errors.log.include.messages");

    private static final Set<String> SOURCE = Set.of(
            "topic.creation.groups",
            "topic.creation.enable",
            "topic.creation.default.replication.factor",
            "topic.creation.default.partitions",
            "exactly.once.support",
            "transaction.boundary",
            "transaction.boundary.interval.ms",
            "offsets.storage.topic");

    private static final Set<String> SINK = Set.of(
            "topics",
            "topics.regex",
            "errors.deadletterqueue.topic.name",
            "errors.deadletterqueue.topic.replication.factor",
            "errors.deadletterqueue.context.headers.enable");

    /** Whatever comes behind these belongs to a converter, a transform, a client, or a topic. */
    private static final Set<String> PREFIXES = Set.of(
            "key.converter.",
            "value.converter.",
            "header.converter.",
            "transforms.",
            "predicates.",
            "errors.",
            "producer.override.",
            "admin.override.");

    private static final Set<String> SOURCE_PREFIXES = Set.of("topic.creation.", "reconcile.consumer.");
    private static final Set<String> SINK_PREFIXES = Set.of("consumer.override.", "kafka.admin.");

    private final Set<String> names = new TreeSet<>(FRAMEWORK);
    private final Set<String> prefixes = new HashSet<>(PREFIXES);

    private UnknownSettings(Collection<String> own, Set<String> more, Set<String> morePrefixes) {
        names.addAll(own);
        names.addAll(more);
        prefixes.addAll(morePrefixes);
    }

    /**
     * A setting that nobody reads.
     *
     * @param name the setting
     * @param meant the known setting that it resembles
     */
    public record Unknown(String name, Optional<String> meant) {
        /** A sentence for the user; without the setting's value. */
        public String message() {
            return "Setting \"" + name + "\" is unknown and has no effect"
                    + meant.map(known -> "; did you mean \"" + known + "\"?").orElse("");
        }
    }

    /** @param own the names of the connector's own settings */
    public static UnknownSettings ofSource(Collection<String> own) {
        return new UnknownSettings(own, SOURCE, SOURCE_PREFIXES);
    }

    /** @param own the names of the connector's own settings */
    public static UnknownSettings ofSink(Collection<String> own) {
        return new UnknownSettings(own, SINK, SINK_PREFIXES);
    }

    /** What of these settings nobody reads, by name. */
    public List<Unknown> of(Map<String, String> settings) {
        return new TreeSet<>(settings.keySet())
                .stream()
                        .filter(name ->
                                !names.contains(name) && prefixes.stream().noneMatch(name::startsWith))
                        .map(name -> new Unknown(name, meant(name)))
                        .toList();
    }

    /**
     * Tells an error its likely cause: where a setting has errors, and an unknown one looks like it, that is added to them.
     *
     * @param values the outcome of a validation
     */
    public void explain(Map<String, String> settings, Collection<ConfigValue> values) {
        List<Unknown> unknown = of(settings);
        List<ConfigValue> wrong = new ArrayList<>(values);
        wrong.removeIf(value -> value.errorMessages().isEmpty());
        for (ConfigValue value : wrong) {
            unknown.stream()
                    .filter(given -> given.meant().filter(value.name()::equals).isPresent())
                    .findFirst()
                    .ifPresent(given -> value.addErrorMessage(given.message()));
        }
    }

    private Optional<String> meant(String name) {
        String lower = name.toLowerCase(Locale.ROOT).replace('_', '.').replace('-', '.');
        // A third of it may be wrong at most, else everything resembles everything.
        int most = Math.max(1, name.length() / 3);
        return names.stream()
                .filter(known -> distance(lower, known) <= most || isWordOf(lower, known))
                .min(Comparator.comparingInt(known -> distance(lower, known)));
    }

    /** {@code servers} for {@code nats.servers}: a part is left out. */
    private static boolean isWordOf(String name, String known) {
        return name.length() > 3 && (known.endsWith("." + name) || known.startsWith(name + "."));
    }

    /** How many letters are wrong, missing, too many, or swapped with their neighbour. */
    private static int distance(String a, String b) {
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int best = Math.min(cost[i - 1][j - 1] + (same ? 0 : 1), Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                cost[i][j] = swapped ? Math.min(best, cost[i - 2][j - 2] + 1) : best;
            }
        }
        return cost[a.length()][b.length()];
    }
}
