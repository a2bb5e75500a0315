package io.natskv.core.bucket;

import io.nats.client.api.MessageInfo;
import io.natskv.core.KvEntry;
import io.natskv.core.KvOperation;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.key.KvNames;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Reads of single messages, from the leader; and of many at a time, from whoever holds them. */
final class BucketReads {
    /** The server refuses more than 1,024 subjects in one request (413). */
    private static final int KEYS_PER_REQUEST = 1_000;

    private final KvConnection connection;
    private final BucketSubjects subjects;

    BucketReads(KvConnection connection, BucketSubjects subjects) {
        this.connection = connection;
        this.subjects = subjects;
    }

    /** The key's last entry, marker or not; null if there is none. */
    CompletableFuture<KvEntry> last(String key) {
        KvNames.checkKey(key);
        return connection
                .api()
                .lastMessage(subjects.stream(), subjects.readSubject(key))
                .handle((message, error) -> {
                    if (error != null) {
                        throw failure(error, action("get", key));
                    }
                    return message == null ? null : entry(message);
                });
    }

    /** The entry at a revision; null if there is none, or it belongs to another key. */
    CompletableFuture<KvEntry> at(String key, long revision) {
        KvNames.checkKey(key);
        return connection.api().messageAt(subjects.stream(), revision).handle((message, error) -> {
            if (error != null) {
                throw failure(error, action("get", key));
            }
            boolean found = message != null && subjects.readSubject(key).equals(message.getSubject());
            return found ? entry(message) : null;
        });
    }

    /** What the key held before a revision; null if the bucket does not keep it. */
    CompletableFuture<KvEntry> before(String key, long revision) {
        KvNames.checkKey(key);
        if (revision <= 1) {
            return CompletableFuture.completedFuture(null);
        }
        return connection
                .api()
                .lastMessageUpTo(subjects.stream(), subjects.readSubject(key), revision - 1)
                .handle((message, error) -> {
                    if (error != null) {
                        throw failure(error, action("read history of", key));
                    }
                    return message == null ? null : entry(message);
                });
    }

    /** The last entries of keys, without those that have none. By one request for many where the server can, else one for each. */
    CompletableFuture<Map<String, KvEntry>> lasts(Collection<String> keys) {
        keys.forEach(KvNames::checkKey);
        List<String> distinct = keys.stream().distinct().toList();
        return connection.api().serverLevel().thenCompose(level -> {
            Map<String, KvEntry> found = new HashMap<>();
            CompletableFuture<Void> all = CompletableFuture.completedFuture(null);
            for (int from = 0; from < distinct.size(); from += KEYS_PER_REQUEST) {
                List<String> some = distinct.subList(from, Math.min(distinct.size(), from + KEYS_PER_REQUEST));
                all = all.thenCompose(done -> level.apiLevel() >= 1 ? together(some, found) : singly(some, found));
            }
            return all.thenApply(done -> found);
        });
    }

    /** The last revision of all keys that filters select, from the leader; 0 if there is none. */
    long lastRevision(List<KeyFilter> filters) {
        return filters.stream()
                .mapToLong(filter -> Await.result(lastRevision(filter), action("read last of", filter.pattern())))
                .max()
                .orElse(0);
    }

    /** {@link #lastRevision(List)} of one filter, as a future. */
    CompletableFuture<Long> lastRevision(KeyFilter filter) {
        return connection
                .api()
                .lastMessage(subjects.stream(), subjects.readSubject(filter.pattern()))
                .handle((message, error) -> {
                    if (error != null) {
                        throw failure(error, action("read last of", filter.pattern()));
                    }
                    return message == null ? 0 : message.getSeq();
                });
    }

    private CompletableFuture<Void> together(List<String> keys, Map<String, KvEntry> found) {
        List<String> wanted = keys.stream().map(subjects::readSubject).toList();
        // A bucket of an old client may not allow direct reads: nobody answers then.
        CompletableFuture<JetStreamApi.Messages> direct = connection
                .api()
                .lastMessages(subjects.stream(), wanted)
                .exceptionally(error -> new JetStreamApi.Messages(List.of(), false));
        return direct.thenCompose(answer -> {
            answer.messages().forEach(message -> {
                KvEntry entry = entry(message);
                found.put(entry.key(), entry);
            });
            // The server ends an answer that grows too large; the rest is read one by one.
            return answer.complete()
                    ? CompletableFuture.<Void>completedFuture(null)
                    : singly(
                            keys.stream().filter(key -> !found.containsKey(key)).toList(), found);
        });
    }

    private CompletableFuture<Void> singly(List<String> keys, Map<String, KvEntry> found) {
        Map<String, CompletableFuture<KvEntry>> reads = new HashMap<>();
        keys.forEach(key -> reads.put(key, last(key)));
        return CompletableFuture.allOf(reads.values().toArray(new CompletableFuture<?>[0]))
                .thenAccept(done -> reads.forEach((key, read) -> {
                    if (read.join() != null) {
                        found.put(key, read.join());
                    }
                }));
    }

    private KvEntry entry(MessageInfo message) {
        return new KvEntry(
                subjects.bucket(),
                subjects.keyOf(message.getSubject()),
                message.getData(),
                message.getSeq(),
                message.getTime().toInstant(),
                0,
                KvOperation.of(message.getHeaders()),
                message.getHeaders());
    }

    KvException failure(Throwable error, String action) {
        return KvErrors.isCode(error, KvErrors.STREAM_NOT_FOUND)
                ? new BucketNotFoundException(subjects.bucket(), subjects.stream())
                : KvErrors.translate(error, action);
    }

    String action(String verb, String key) {
        return verb + " key \"" + key + "\" in bucket \"" + subjects.bucket() + "\"";
    }
}
