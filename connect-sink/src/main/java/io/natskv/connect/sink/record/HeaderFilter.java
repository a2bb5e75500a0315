package io.natskv.connect.sink.record;

import io.nats.client.impl.Headers;
import io.natskv.core.KvHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/** Which Kafka headers go with the entry as NATS headers. Names that mean something to NATS, to Connect or to this suite never do. */
final class HeaderFilter {
    /** Decisions that are remembered; header names are few, unless somebody makes them up. */
    private static final int REMEMBERED = 1_000;

    private static final List<String> RESERVED = List.of("nats.kv.", "__connect.");

    private final Pattern include;
    private final Pattern exclude;
    private final ValueFormat format;
    private final Map<String, Boolean> decisions = new HashMap<>();

    /** @param include patterns in which {@code *} stands for anything; the case of letters does not matter */
    HeaderFilter(List<String> include, List<String> exclude, ValueFormat format) {
        this.include = pattern(include);
        this.exclude = pattern(exclude);
        this.format = format;
    }

    private static Pattern pattern(List<String> patterns) {
        String any = patterns.stream()
                .filter(pattern -> !pattern.isBlank())
                .map(pattern -> List.of(pattern.trim().split("\\*", -1)).stream()
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*")))
                .collect(Collectors.joining("|"));
        return any.isEmpty() ? null : Pattern.compile(any, Pattern.CASE_INSENSITIVE);
    }

    /**
     * The headers to store; null for none.
     *
     * @throws DataException if one has a name or value that NATS can't carry
     */
    Headers of(SinkRecord record) {
        if (include == null || record.headers().isEmpty()) {
            return null;
        }
        Headers kept = null;
        for (Header header : record.headers()) {
            if (header.value() != null && passes(header.key())) {
                kept = kept == null ? new Headers() : kept;
                add(kept, header.key(), header);
            }
        }
        return kept;
    }

    private void add(Headers kept, String name, Header header) {
        byte[] value = format.bytes(header.schema(), header.value());
        for (byte b : value) {
            if ((b < ' ' || b == 127) && b != '\t') {
                throw new DataException("Header " + name
                        + " holds a character that NATS headers can't carry (they are printable ASCII); leave it out by "
                        + "headers.exclude");
            }
        }
        try {
            kept.add(name, new String(value, StandardCharsets.US_ASCII));
        } catch (IllegalArgumentException e) {
            throw new DataException(
                    "Header \"" + name + "\" has a name that NATS can't carry; leave it out by headers.exclude: "
                            + e.getMessage(),
                    e);
        }
    }

    private boolean passes(String name) {
        Boolean known = decisions.get(name);
        if (known == null) {
            known = isFree(name)
                    && include.matcher(name).matches()
                    && (exclude == null || !exclude.matcher(name).matches());
            if (decisions.size() < REMEMBERED) {
                decisions.put(name, known);
            }
        }
        return known;
    }

    private static boolean isFree(String name) {
        return !KvHeaders.isControl(name) && RESERVED.stream().noneMatch(name::startsWith);
    }
}
