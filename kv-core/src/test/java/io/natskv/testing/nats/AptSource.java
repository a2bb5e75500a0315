package io.natskv.testing.nats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One entry of apt's sources (sources.list(5)), reduced to what is needed to ask the same archive for another suite.
 *
 * @param uris the archive's addresses
 * @param suites the suites that the machine uses of it
 * @param components as main
 * @param signedBy the keyring files, or a key; empty for apt's default
 * @param trusted whether the machine's owner trusts it unsigned
 */
record AptSource(List<String> uris, List<String> suites, List<String> components, String signedBy, boolean trusted) {
    /** Plain suites; those of security, updates and of third parties have other or longer names. */
    private static final Set<String> PLAIN_SUITES = Set.of(
            "oldoldstable",
            "oldstable",
            "stable",
            "testing",
            "unstable",
            "sid",
            "buster",
            "bullseye",
            "bookworm",
            "trixie",
            "forky",
            "duke");

    private static final Pattern ONE_LINE =
            Pattern.compile("^deb\\s+(?:\\[([^\\]]*)\\]\\s+)?(\\S+)\\s+(\\S+)\\s+(.+)$");

    /** The ordinary Debian archive among these sources. */
    static Optional<AptSource> ofDebian(Path list, Path parts) throws IOException {
        List<AptSource> all = new ArrayList<>();
        if (Files.isRegularFile(list)) {
            all.addAll(oneLine(Files.readString(list, StandardCharsets.UTF_8)));
        }
        if (Files.isDirectory(parts)) {
            try (Stream<Path> files = Files.list(parts)) {
                for (Path file : files.sorted().toList()) {
                    if (file.toString().endsWith(".list")) {
                        all.addAll(oneLine(Files.readString(file, StandardCharsets.UTF_8)));
                    } else if (file.toString().endsWith(".sources")) {
                        all.addAll(deb822(Files.readString(file, StandardCharsets.UTF_8)));
                    }
                }
            }
        }
        return all.stream().filter(AptSource::carriesDebian).max(Comparator.comparingInt(AptSource::likeness));
    }

    /** A sources entry for one suite of the same archive. */
    String stanza(String suite) {
        return "Types: deb\nURIs: " + String.join(" ", uris) + "\nSuites: " + suite + "\nComponents: main\n"
                + (signedBy.isEmpty() ? "" : "Signed-By: " + signedBy + "\n")
                + (trusted ? "Trusted: yes\n" : "");
    }

    private boolean carriesDebian() {
        return components.contains("main")
                && suites.stream().anyMatch(PLAIN_SUITES::contains)
                && uris.stream().noneMatch(uri -> uri.startsWith("cdrom:") || uri.contains("security"));
    }

    /** Third parties use Debian's suite names too; the archive's folder or its keyring tell the real one. */
    private int likeness() {
        boolean folder = uris.stream().anyMatch(uri -> uri.replaceAll("/+$", "").endsWith("/debian"));
        return (folder ? 1 : 0) + (signedBy.contains("debian-archive") ? 2 : 0);
    }

    private static List<AptSource> oneLine(String text) {
        List<AptSource> found = new ArrayList<>();
        for (String line :
                text.lines().map(l -> l.replaceAll("#.*", "").strip()).toList()) {
            Matcher matcher = ONE_LINE.matcher(line);
            if (matcher.matches()) {
                Map<String, String> options = new LinkedHashMap<>();
                for (String option : words(matcher.group(1))) {
                    String[] pair = option.split("=", 2);
                    options.put(pair[0].toLowerCase(Locale.ROOT), pair.length > 1 ? pair[1] : "");
                }
                found.add(new AptSource(
                        List.of(matcher.group(2)),
                        List.of(matcher.group(3)),
                        words(matcher.group(4)),
                        options.getOrDefault("signed-by", ""),
                        options.getOrDefault("trusted", "").equals("yes")));
            }
        }
        return found;
    }

    private static List<AptSource> deb822(String text) {
        List<AptSource> found = new ArrayList<>();
        String clean = text.replaceAll("(?m)^#.*\\R?", "");
        for (String stanza : clean.split("\\n\\s*\\n")) {
            Map<String, String> fields = new LinkedHashMap<>();
            String field = "";
            for (String line : stanza.lines().toList()) {
                if (line.startsWith(" ") || line.startsWith("\t")) {
                    fields.merge(field, "\n" + line, String::concat);
                } else if (line.contains(":")) {
                    field = line.substring(0, line.indexOf(':')).strip().toLowerCase(Locale.ROOT);
                    fields.put(field, line.substring(line.indexOf(':') + 1).strip());
                }
            }
            if (words(fields.get("types")).contains("deb")
                    && !fields.getOrDefault("enabled", "yes").equals("no")) {
                found.add(new AptSource(
                        words(fields.get("uris")),
                        words(fields.get("suites")),
                        words(fields.get("components")),
                        fields.getOrDefault("signed-by", ""),
                        fields.getOrDefault("trusted", "").equals("yes")));
            }
        }
        return found;
    }

    private static List<String> words(String text) {
        return text == null || text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }
}
