package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.KvHeaders;
import io.natskv.core.KvOperation;
import io.natskv.core.connect.KvKafkaHeaders;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;

/** The headers of a record: our own, and those of the NATS message that shall be passed on. For one thread. */
final class RecordHeaders {
    private final boolean bucket;
    private final boolean operation;
    private final boolean revision;
    private final boolean created;
    private final boolean delta;
    private final boolean markerReason;
    private final NamePatterns include;
    private final NamePatterns exclude;
    private final TimeText times = new TimeText();
    /** Those that say the same for very many entries, by what they say: headers are immutable, and each takes two objects. */
    private final Map<String, Header> buckets = new HashMap<>();

    private final Map<KvOperation, Header> operations = new EnumMap<>(KvOperation.class);

    /** The headers of our own. */
    enum Own {
        BUCKET,
        OPERATION,
        REVISION,
        CREATED,
        DELTA,
        MARKER_REASON;

        String setting() {
            return name().toLowerCase(Locale.ROOT);
        }

        static String list() {
            return Arrays.stream(values()).map(Own::setting).collect(Collectors.joining(", "));
        }
    }

    RecordHeaders(Set<Own> own, NamePatterns include, NamePatterns exclude) {
        this.bucket = own.contains(Own.BUCKET);
        this.operation = own.contains(Own.OPERATION);
        this.revision = own.contains(Own.REVISION);
        this.created = own.contains(Own.CREATED);
        this.delta = own.contains(Own.DELTA);
        this.markerReason = own.contains(Own.MARKER_REASON);
        this.include = include;
        this.exclude = exclude;
    }

    /** New headers: who transforms a record may change them. */
    ConnectHeaders of(KvEntry entry) {
        ConnectHeaders headers = new ConnectHeaders();
        if (bucket) {
            headers.add(buckets.computeIfAbsent(entry.bucket(), name -> header(KvKafkaHeaders.BUCKET, name)));
        }
        if (operation) {
            headers.add(operations.computeIfAbsent(
                    entry.operation(), what -> header(KvKafkaHeaders.OPERATION, what.name())));
        }
        if (revision) {
            headers.addLong(KvKafkaHeaders.REVISION, entry.revision());
        }
        if (created) {
            headers.addString(KvKafkaHeaders.CREATED, times.of(entry.created()));
        }
        if (delta) {
            headers.addLong(KvKafkaHeaders.DELTA, entry.delta());
        }
        if (markerReason && entry.operation().isMarker()) {
            String reason = entry.header(KvHeaders.MARKER_REASON);
            if (reason != null) {
                headers.addString(KvKafkaHeaders.MARKER_REASON, reason);
            }
        }
        if (!include.isEmpty()) {
            passOn(entry, headers);
        }
        return headers;
    }

    private static Header header(String name, String value) {
        return new ConnectHeaders().addString(name, value).lastWithName(name);
    }

    private void passOn(KvEntry entry, ConnectHeaders headers) {
        entry.forEachHeader((name, values) -> {
            // One of ours from outside could have the sink do what the entry does not say.
            boolean reserved = KvHeaders.isControl(name)
                    || name.regionMatches(true, 0, KvKafkaHeaders.PREFIX, 0, KvKafkaHeaders.PREFIX.length());
            if (!reserved && include.match(name) && !exclude.match(name)) {
                values.forEach(value -> headers.addString(name, value));
            }
        });
    }
}
