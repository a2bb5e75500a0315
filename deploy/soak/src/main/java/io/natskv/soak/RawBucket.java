package io.natskv.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.JetStreamOptions;
import io.nats.client.PublishOptions;
import io.nats.client.PurgeOptions;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PublishAck;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.api.Subject;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import io.natskv.soak.model.Change;
import io.natskv.soak.model.Digest;
import io.natskv.soak.model.Operation;
import io.natskv.testing.process.Wait;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;

/** A bucket as its stream is (ADR-8), through jnats alone: what our own code does is not judged by our own code. Thread-safe. */
final class RawBucket {
    static final int WRONG_LAST_SEQUENCE = 10071;
    static final int FULL = 10077;

    private static final int NOT_FOUND = 10059;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int REPLICAS = 3;
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final JetStreamOptions OPTIONS =
            JetStreamOptions.builder().requestTimeout(TIMEOUT).build();

    private final Connection connection;
    private final String name;
    private final JetStream stream;
    private final JetStreamManagement management;

    RawBucket(Connection connection, String name) throws IOException {
        this.connection = connection;
        this.name = name;
        this.stream = connection.jetStream(OPTIONS);
        this.management = connection.jetStreamManagement(OPTIONS);
    }

    String name() {
        return name;
    }

    String streamName() {
        return "KV_" + name;
    }

    /** One that has been read to its end: hundreds would be left for five minutes each. That it is gone is as good. */
    void deleteConsumer(String consumer) {
        try {
            if (consumer != null) {
                management.deleteConsumer(streamName(), consumer);
            }
        } catch (IOException | JetStreamApiException e) {
            // It goes by itself, later.
        }
    }

    /**
     * Makes it; asks again where it is not answered soon.
     *
     * @param history revisions that it keeps of a key
     * @param markerTtl how long markers of what expired stay; null for a bucket without them
     * @return when the server says it was made
     */
    Instant create(long history, Duration markerTtl) {
        StreamConfiguration.Builder config = StreamConfiguration.builder()
                .name(streamName())
                .subjects(subject(">"))
                .maxMessagesPerSubject(history)
                .storageType(StorageType.File)
                .discardPolicy(DiscardPolicy.New)
                .allowRollup(true)
                .denyDelete(true)
                .allowDirect(true)
                .replicas(REPLICAS);
        if (markerTtl != null) {
            config.allowMessageTtl().subjectDeleteMarkerTtl(markerTtl);
        }
        Wait.value("new bucket " + name, SOON, () -> management.addStream(config.build()));
        return Wait.value(
                "look at the new bucket " + name,
                SOON,
                () -> info().getCreateTime().toInstant());
    }

    /** Deletes it; true also if it is gone already, by a request whose answer was lost. */
    boolean delete() throws IOException, JetStreamApiException {
        try {
            return management.deleteStream(streamName());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == NOT_FOUND) {
                return true;
            }
            throw e;
        }
    }

    StreamInfo info() throws IOException, JetStreamApiException {
        return management.getStreamInfo(streamName());
    }

    /** How many messages its stream has ever got. */
    long lastSequence() throws IOException, JetStreamApiException {
        return info().getStreamState().getLastSequence();
    }

    /** The limit of its size; -1 for none. Everything else stays as it is. */
    void limit(long maxBytes) throws IOException, JetStreamApiException {
        management.updateStream(StreamConfiguration.builder(info().getConfiguration())
                .maxBytes(maxBytes)
                .build());
    }

    /**
     * Writes, and waits for the answer.
     *
     * @param value null for markers
     * @param expected the revision that has to be the key's last one
     * @param ttlSeconds 0 for none
     * @return the revision
     */
    long write(String key, Operation operation, byte[] value, OptionalLong expected, int ttlSeconds)
            throws IOException, JetStreamApiException {
        Headers headers = new Headers();
        if (operation == Operation.DELETE) {
            headers.put("KV-Operation", "DEL");
        } else if (operation == Operation.PURGE) {
            headers.put("KV-Operation", "PURGE");
            headers.put("Nats-Rollup", "sub");
        }
        PublishOptions.Builder options = PublishOptions.builder();
        expected.ifPresent(options::expectedLastSubjectSequence);
        if (ttlSeconds > 0) {
            options.messageTtlSeconds(ttlSeconds);
        }
        PublishAck ack = stream.publish(
                NatsMessage.builder()
                        .subject(subject(key))
                        .headers(headers)
                        .data(value)
                        .build(),
                options.build());
        return ack.getSeqno();
    }

    /** Removes the messages of a key up to a revision, as clients do with markers that they need no more. */
    void purgeMessages(String key, long upTo) throws IOException, JetStreamApiException {
        management.purgeStream(
                streamName(),
                PurgeOptions.builder().subject(subject(key)).sequence(upTo + 1).build());
    }

    /**
     * The first message of a key from a revision on, by the leader.
     *
     * @throws JetStreamApiException 10037 if there is none
     */
    MessageInfo next(long from) throws IOException, JetStreamApiException {
        return management.getNextMessage(streamName(), from, subject(">"));
    }

    /**
     * How many messages an exactly-once sink has stored here beside its records: claims of partitions, and the offset of each batch. The last offset of
     * each partition counts them.
     */
    long offsetMessages() throws IOException, JetStreamApiException {
        long count = 0;
        StreamInfo info =
                management.getStreamInfo(streamName(), StreamInfoOptions.filterSubjects("$KV." + name + "=o.>"));
        for (Subject subject : info.getStreamState().getSubjects()) {
            JsonNode offset = JSON.readTree(
                    management.getLastMessage(streamName(), subject.getName()).getData());
            count += offset.get("batches").asLong() + offset.get("epoch").asLong();
        }
        return count;
    }

    Change change(int incarnation, MessageInfo message) {
        Headers headers = message.getHeaders();
        Operation operation = operation(headers);
        String ttl = header(headers, "Nats-TTL");
        return new Change(
                incarnation,
                message.getSeq(),
                keyOf(message.getSubject()),
                operation,
                operation.isMarker() ? Digest.NONE : Digest.of(message.getData()),
                message.getTime().toInstant(),
                seconds(ttl),
                place(header(headers, "Natskv-Origin")));
    }

    /** The sink writes the topic's id before its name. */
    private static String place(String origin) {
        if (origin == null) {
            return null;
        }
        String decoded = URLDecoder.decode(origin, StandardCharsets.UTF_8);
        return decoded.substring(decoded.indexOf(':') + 1);
    }

    static Operation operation(Headers headers) {
        return Operation.of(header(headers, "KV-Operation"), header(headers, "Nats-Marker-Reason"));
    }

    String keyOf(String subject) {
        return subject.substring(subject("").length()).intern(); // the same few again and again
    }

    Connection connection() {
        return connection;
    }

    private String subject(String key) {
        return "$KV." + name + "." + key;
    }

    /** The server writes a number, or a duration as Go prints it. */
    private static int seconds(String ttl) {
        if (ttl == null || ttl.equals("never")) {
            return 0;
        }
        return ttl.matches("\\d+")
                ? Integer.parseInt(ttl)
                : (int) Duration.parse("PT" + ttl.toUpperCase(java.util.Locale.ROOT))
                        .toSeconds();
    }

    private static String header(Headers headers, String name) {
        return headers == null ? null : headers.getLast(name);
    }
}
