package io.natskv.benchmarks.page;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** What the results are called for people, what they are to reach, and why some of ours are slower: {@code catalogue.txt} beside this class. */
final class Catalogue {
    private static final int FIELDS = 4;

    private final Map<String, Entry> entries = new HashMap<>();

    /**
     * What is told about a result.
     *
     * @param target to reach, at least for a ratio and at most for a figure
     * @param text what it is
     * @param slower why ours is slower, if it is
     */
    record Entry(OptionalDouble target, String text, String slower) {}

    Catalogue() {
        try (InputStream in = Catalogue.class.getResourceAsStream("catalogue.txt")) {
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .forEach(this::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void add(String line) {
        List<String> fields =
                List.of(line.split("\\|", -1)).stream().map(String::strip).toList();
        if (fields.size() != FIELDS) {
            throw new IllegalStateException("catalogue.txt: " + FIELDS + " fields are due in: " + line);
        }
        String target = fields.get(1);
        Entry entry = new Entry(
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

    String text(String name) {
        return of(name).map(Entry::text).orElse("");
    }

    OptionalDouble target(String name) {
        return of(name).map(Entry::target).orElse(OptionalDouble.empty());
    }

    String slower(String name) {
        return of(name).map(Entry::slower).orElse("");
    }
}
