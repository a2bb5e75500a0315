package io.natskv.connect.source.reconcile;

import io.natskv.connect.source.reconcile.Correction.Reason;
import io.natskv.connect.source.reconcile.TopicTable.Held;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.connect.KvKafkaHeaders;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import io.natskv.core.watch.WatchPosition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.TimestampType;

/**
 * Compares topic and bucket, while both go on changing. What it finds is true for a state between the beginning and now; whether it still holds
 * is for the task to say, which knows the keys that it emitted meanwhile.
 *
 * <p>The order matters. The topic is read first, up to an end that holds everything up to revision S. The bucket is read after, and to its end
 * at that time, not just as it was at one moment: a key that is written while it is read moves behind that moment. A key that was not found
 * there may still be in the bucket, so the leader is asked for each one. All of it counts for one bucket only: that of the position.
 */
final class Comparison {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+");
    private static final String PAYLOAD = "\"payload\":";

    private final KvBucket bucket;
    private final KeyFilter filter;
    private final String topic;
    private final KeyMapping keys;
    /** Of the position. */
    private final long revision;

    private final Output output;
    private final TopicTable table = new TopicTable();
    /** Keys whose last entry the leader was asked for. Its answer holds all up to S, whatever else is seen of them. */
    private final KeySet asked = new KeySet();

    private final LeaderReads reads;

    /** Where the findings go. */
    interface Output {
        /** May wait until there is room. */
        void accept(Correction correction) throws InterruptedException;
    }

    /** @param position of the watch, at revision S: everything up to it is in the topic before its end is read */
    Comparison(
            KvBucket bucket, KeyFilter filter, String topic, KeyMapping keys, WatchPosition position, Output output) {
        this.bucket = bucket;
        this.filter = filter;
        this.topic = topic;
        this.keys = keys;
        this.revision = position.revision();
        this.output = output;
        this.reads = new LeaderReads(bucket, position, this::answer);
        asked.begin();
    }

    /**
     * Compares once.
     *
     * @return how many keys the topic has a value for
     * @throws io.natskv.core.error.KvException if the bucket can't be read, or is another one than that of the position; what was found so far is true
     *     nevertheless
     * @throws org.apache.kafka.common.KafkaException if the topic can't be read
     */
    int run(Map<String, String> consumerSettings) {
        return run(consumerSettings, new BucketScan(bucket, filter)::run);
    }

    /** @param scan hands over the last entry of each key, as whoever it asks knows it */
    int run(Map<String, String> consumerSettings, Consumer<Consumer<KvEntry>> scan) {
        try (TopicReader reader = new TopicReader(topic, consumerSettings)) {
            Map<TopicPartition, Long> ends = reader.ends();
            reader.read(ends, this::inTopic);
            int keysInTopic = table.size();
            scan.accept(this::inBucket);
            reader.fetch(
                    table.takePlaces(),
                    record -> toBucket(record)
                            .ifPresent(key -> ask(key, Held.valueOf(revisionOf(record), createdOf(record)))));
            reads.finish();
            return keysInTopic;
        }
    }

    private Optional<String> toBucket(ConsumerRecord<String, Boolean> record) {
        return record.key() == null
                ? Optional.empty()
                : keys.toBucket(record.key()).filter(key -> KvNames.isValidKey(key) && filter.matches(key));
    }

    private void inTopic(ConsumerRecord<String, Boolean> record) {
        if (!isOurs(record) || toBucket(record).isEmpty()) {
            return;
        }
        if (record.value() == null) {
            table.remove(record.key());
        } else {
            table.put(record.key(), record.partition(), record.offset(), revisionOf(record), createdOf(record));
        }
    }

    /** A scan of a replica that lags comes to a key again, with the entry that it did not have at first. */
    private void inBucket(KvEntry entry) {
        keys.toRecord(entry.key()).ifPresent(recordKey -> {
            if (entry.operation().isMarker()) {
                table.notFound(recordKey); // the topic should have no value for it: like a key that is not there
                return;
            }
            Held held = table.found(recordKey);
            // What is younger than S is emitted by the task itself, or was already.
            if (!held.mayBe(entry) && entry.revision() <= revision && KvNames.isValidKey(entry.key())) {
                ask(entry.key(), held);
            }
        });
    }

    private void ask(String key, Held held) {
        if (asked.add(key)) {
            reads.ask(key, held);
        }
    }

    /** The scan may have read a replica that lags: the leader's answer is what the topic is held against. */
    private void answer(String key, Held held, KvEntry last) throws InterruptedException {
        if (last == null || last.revision() <= revision && last.operation().isMarker()) {
            if (held.value()) {
                output.accept(new Correction(last == null ? vanished(key) : last, Reason.VANISHED));
            }
        } else if (last.revision() <= revision && !held.is(last)) {
            output.accept(new Correction(last, Reason.MISSING));
        }
    }

    /** Nobody knows its revision any more; at S it was gone, or soon after. */
    private KvEntry vanished(String key) {
        return new KvEntry(bucket.name(), key, null, revision, Instant.now(), 0, KvOperation.PURGE, null);
    }

    /** Records that say that they come from another bucket are not touched. What is no name of a bucket says nothing. */
    private boolean isOurs(ConsumerRecord<String, Boolean> record) {
        String name = text(record, KvKafkaHeaders.BUCKET);
        return name == null || name.equals(bucket.name()) || !NAME.matcher(name).matches();
    }

    private static long revisionOf(ConsumerRecord<String, Boolean> record) {
        String text = text(record, KvKafkaHeaders.REVISION);
        return text != null && text.matches("\\d{1,18}") ? Long.parseLong(text) : TopicTable.UNKNOWN;
    }

    /** In milliseconds; unknown where the broker writes its own time. */
    private static long createdOf(ConsumerRecord<String, Boolean> record) {
        return record.timestampType() == TimestampType.CREATE_TIME ? record.timestamp() : TopicTable.UNKNOWN;
    }

    /** A text or a number, as header converters write it: plainly, or as JSON, with its schema or without. */
    private static String text(ConsumerRecord<String, Boolean> record, String name) {
        Header header = record.headers().lastHeader(name);
        if (header == null || header.value() == null) {
            return null;
        }
        String text = new String(header.value(), StandardCharsets.UTF_8);
        if (text.startsWith("{")) {
            int payload = text.lastIndexOf(PAYLOAD);
            text = payload < 0 ? text : text.substring(payload + PAYLOAD.length(), text.length() - 1);
        }
        return text.length() > 1 && text.startsWith("\"") ? text.substring(1, text.length() - 1) : text;
    }
}
