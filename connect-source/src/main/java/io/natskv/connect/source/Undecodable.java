package io.natskv.connect.source;

import io.natskv.connect.source.RecordHeaders.Own;
import io.natskv.core.KvEntry;
import io.natskv.core.connect.KvKafkaHeaders;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done about entries of which no record can be made. For one thread, but for {@link #count}. */
final class Undecodable {
    private static final Logger LOG = LoggerFactory.getLogger(Undecodable.class);
    private static final long LOG_PAUSE = TimeUnit.SECONDS.toNanos(30);

    private final Policy policy;
    private final String deadLetterTopic;
    private final boolean asText;
    private final RecordHeaders headers =
            new RecordHeaders(EnumSet.allOf(Own.class), new NamePatterns(List.of()), new NamePatterns(List.of()));
    private final AtomicLong count = new AtomicLong();
    private long logged;
    private long loggedAt;

    /** What to do. */
    enum Policy {
        FAIL,
        SKIP,
        DEAD_LETTER
    }

    /**
     * @param deadLetterTopic null without one
     * @param asText whether the bytes are written in Base64, because the converter takes texts only
     */
    Undecodable(Policy policy, String deadLetterTopic, boolean asText) {
        this.policy = policy;
        this.deadLetterTopic = deadLetterTopic;
        this.asText = asText;
    }

    /** How many entries were left out or given to the dead-letter topic. From any thread. */
    long count() {
        return count.get();
    }

    /**
     * What becomes of an entry.
     *
     * @return the records to hand over instead
     * @throws DataException if the task is to fail; names bucket, key, revision and setting
     */
    List<SourceRecord> handle(
            KvEntry entry, UndecodableException error, Map<String, ?> sourcePartition, Map<String, ?> sourceOffset) {
        if (policy == Policy.FAIL) {
            throw new DataException(
                    describe(entry, error) + ". Correct the entry or the settings, or leave such entries out by "
                            + RecordSettings.ERRORS_DECODE + "=skip or dead_letter",
                    error);
        }
        count.incrementAndGet();
        log(entry, error);
        return policy == Policy.SKIP ? List.of() : List.of(deadLetter(entry, error, sourcePartition, sourceOffset));
    }

    private SourceRecord deadLetter(
            KvEntry entry, UndecodableException error, Map<String, ?> sourcePartition, Map<String, ?> sourceOffset) {
        ConnectHeaders context = headers.of(entry);
        context.addString(KvKafkaHeaders.ERROR_PART, error.part().name().toLowerCase(Locale.ROOT));
        context.addString(KvKafkaHeaders.ERROR_REASON, error.getMessage());
        Object bytes = asText ? Base64.getEncoder().encodeToString(entry.value()) : entry.value();
        return new SourceRecord(
                sourcePartition,
                sourceOffset,
                deadLetterTopic,
                null,
                Schema.STRING_SCHEMA,
                entry.key(),
                asText ? Schema.OPTIONAL_STRING_SCHEMA : Schema.OPTIONAL_BYTES_SCHEMA,
                entry.operation().isMarker() ? null : bytes,
                entry.created().toEpochMilli(),
                context);
    }

    /** The first at once, then not more often than is readable. */
    private void log(KvEntry entry, UndecodableException error) {
        long now = System.nanoTime();
        if (logged == 0 || now - loggedAt >= LOG_PAUSE) {
            LOG.warn(
                    "{}; {} ({} entries since the task's start, {} of them not logged)",
                    describe(entry, error),
                    policy == Policy.SKIP ? "left out" : "written to topic " + deadLetterTopic,
                    count.get(),
                    count.get() - logged - 1);
            logged++;
            loggedAt = now;
        }
    }

    private static String describe(KvEntry entry, UndecodableException error) {
        return "No record can be made of bucket \"" + entry.bucket() + "\", key \"" + entry.key() + "\", revision "
                + entry.revision() + ": " + error.getMessage();
    }
}
