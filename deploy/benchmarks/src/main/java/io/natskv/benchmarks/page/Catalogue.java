package io.natskv.benchmarks.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What the results are called for people, what they are to reach, and why some of ours are slower: {@code catalogue.txt} beside this class. */
final class Catalogue {
    private static final int FIELDS = 4;

    /** In place of the reason: nothing of ours is compared. */
    private static final String NOT_OURS = "-";

    /** Begins the lines of a suite: its name follows. */
    private static final String SUITE = "# ";

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /**
     * What is told about a result.
     *
     * @param suite that measures it
     * @param target to reach, at least for a ratio and at most for a figure
     * @param text what it is
     * @param slower why ours is slower, or does not reach what is due, if that is so
     */
    record Entry(String suite, OptionalDouble target, String text, String slower) {}

    Catalogue() {
        try (InputStream in = Catalogue.class.getResourceAsStream("catalogue.txt")) {
            String suite = "";
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith(SUITE)) {
                    suite = line.substring(SUITE.length()).strip();
                } else if (!line.isBlank()) {
                    add(suite, line);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String suite, String line) {
        List<String> fields =
                List.of(line.split("\\|", -1)).stream().map(String::strip).toList();
        if (fields.size() != FIELDS) {
            throw new IllegalStateException("catalogue.txt: " + FIELDS + " fields are due in: " + line);
        }
        String target = fields.get(1);
        Entry entry = new Entry(
                suite,
                target.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(target)),
                fields.get(2),
                fields.get(3));
        if (entries.put(fields.get(0), entry) != null) {
            throw new IllegalStateException("catalogue.txt: twice: " + fields.get(0));
        }
    }

    /** @param name of a ratio, figure, series or latency */
    Optional<Entry> of(String name) {
        return Optional.ofNullable(entries.get(name));
    }

    /** What a suite is to reach, in the catalogue's order. */
    List<String> withTarget(String suite) {
        return entries.entrySet().stream()
                .filter(each -> each.getValue().suite().equals(suite))
                .filter(each -> each.getValue().target().isPresent())
                .map(Map.Entry::getKey)
                .toList();
    }

    String text(String name) {
        return of(name).map(Entry::text).orElse("");
    }

    OptionalDouble target(String name) {
        return of(name).map(Entry::target).orElse(OptionalDouble.empty());
    }

    /** False for a ratio that tells what others reach. */
    boolean isOurs(String name) {
        return !slower(name).equals(NOT_OURS);
    }

    String slower(String name) {
        return of(name).map(Entry::slower).orElse("");
    }
}
