package io.natskv.core.connection;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import io.nats.client.Message;
import io.nats.client.api.ApiResponse;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerCreateRequest;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.PurgeResponse;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.Subject;
import io.nats.client.impl.NatsMessage;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.nats.client.support.JsonValueUtils;
import io.nats.client.support.Status;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The JetStream API under its prefix, as futures. jnats offers the same requests only synchronously, and with a cache of
 * stream settings that is shared by all connections of the JVM.
 *
 * <p>Every future fails with a {@link io.natskv.core.error.KvException}: {@link io.natskv.core.error.KvServerException} where the server
 * answered with an error, {@link io.natskv.core.error.PermissionException} where it does not permit the subject.
 */
public final class JetStreamApi {
    private final Connection connection;
    private final Requests requests;
    private final String prefix;
    private final Duration timeout;

    /**
     * @param prefix prefix of the API with its dot at the end, usually {@code $JS.API.}
     * @param timeout how long a request may take
     */
    JetStreamApi(Connection connection, Requests requests, String prefix, Duration timeout) {
        this.connection = connection;
        this.requests = requests;
        this.prefix = prefix;
        this.timeout = timeout;
    }

    public String prefix() {
        return prefix;
    }

    public Duration timeout() {
        return timeout;
    }

    /** Settings and state of a stream, from its leader. */
    public CompletableFuture<StreamInfo> streamInfo(String stream) {
        return call("STREAM.INFO." + stream, "", StreamInfo::new);
    }

    /** {@link #streamInfo(String)} with a time-out of its own. */
    public CompletableFuture<StreamInfo> streamInfo(String stream, Duration wait) {
        String subject = "STREAM.INFO." + stream;
        return request(subject, "", wait).thenApply(message -> checked(new StreamInfo(message), subject));
    }

    /** How many messages lie under each of the subjects that a filter selects (server 2.9); up to 100,000 subjects. */
    public CompletableFuture<Map<String, Long>> subjects(String stream, String filter) {
        return call("STREAM.INFO." + stream, "{\"subjects_filter\":" + quote(filter) + "}", StreamInfo::new)
                .thenApply(info -> info.getStreamState().getSubjects().stream()
                        .collect(Collectors.toMap(Subject::getName, Subject::getCount)));
    }

    /** What the account's JetStream offers; its API level is 0 below server 2.11. */
    public CompletableFuture<ServerLevel> serverLevel() {
        return request("INFO", "").thenApply(message -> {
            JsonValue root = parse(message);
            failOnError(root, "JetStream account info");
            return new ServerLevel(
                    JsonValueUtils.readInteger(JsonValueUtils.readValue(root, "api"), "level", 0),
                    connection.getServerInfo().getVersion());
        });
    }

    /**
     * What a server can do. Features are gated by the level, never by trying: older servers store the newer headers silently
     * (ADR-44).
     *
     * @param apiLevel 0 before 2.11, 1 for 2.11, 2 for 2.12, 4 for 2.14, 5 for 2.15
     * @param version version of the server that we are connected to
     */
    public record ServerLevel(int apiLevel, String version) {}

    public CompletableFuture<StreamInfo> createStream(StreamConfiguration config) {
        return call("STREAM.CREATE." + config.getName(), config.toJson(), StreamInfo::new);
    }

    public CompletableFuture<StreamInfo> updateStream(StreamConfiguration config) {
        return call("STREAM.UPDATE." + config.getName(), config.toJson(), StreamInfo::new);
    }

    /** {@link #updateStream(StreamConfiguration)} with the configuration as JSON, in which unknown settings survive. */
    public CompletableFuture<StreamInfo> updateStream(String stream, String json) {
        return call("STREAM.UPDATE." + stream, json, StreamInfo::new);
    }

    public CompletableFuture<Boolean> deleteStream(String stream) {
        return request("STREAM.DELETE." + stream, "").thenApply(message -> {
            JsonValue root = parse(message);
            failOnError(root, "delete stream " + stream);
            return JsonValueUtils.readBoolean(root, "success");
        });
    }

    /** Removes the messages of a subject below a sequence; the answer is how many. */
    public CompletableFuture<Long> purge(String stream, String subject, long belowSequence) {
        if (belowSequence <= 1) {
            return CompletableFuture.completedFuture(0L); // server 2.10 takes 0 and 1 for "all"
        }
        return call(
                        "STREAM.PURGE." + stream,
                        "{\"filter\":" + quote(subject) + ",\"seq\":" + belowSequence + "}",
                        PurgeResponse::new)
                .thenApply(PurgeResponse::getPurged);
    }

    /** One page of the names of the streams that have a subject in common with a filter. */
    public CompletableFuture<List<String>> streamNames(String subject, int offset) {
        return request("STREAM.NAMES", "{\"offset\":" + offset + ",\"subject\":" + quote(subject) + "}")
                .thenApply(message -> {
                    JsonValue root = parse(message);
                    failOnError(root, "list streams");
                    return JsonValueUtils.readStringList(root, "streams");
                });
    }

    /** One page of the settings and states of the streams that have a subject in common with a filter. */
    public CompletableFuture<List<StreamInfo>> streams(String subject, int offset) {
        return request("STREAM.LIST", "{\"offset\":" + offset + ",\"subject\":" + quote(subject) + "}")
                .thenApply(message -> {
                    JsonValue root = parse(message);
                    failOnError(root, "list streams");
                    return JsonValueUtils.listOf(JsonValueUtils.readValue(root, "streams"), StreamInfo::new);
                });
    }

    /**
     * Creates a named consumer. A repetition with the same name and settings finds the one that is there (ADR-26).
     */
    public CompletableFuture<ConsumerInfo> createConsumer(String stream, ConsumerConfiguration config, Duration wait) {
        List<String> filters = config.getFilterSubjects();
        String one = filters != null && filters.size() == 1 ? "." + filters.get(0) : "";
        String subject = "CONSUMER.CREATE." + stream + "." + config.getName() + one;
        return request(subject, new ConsumerCreateRequest(stream, config).toJson(), wait)
                .thenApply(message -> checked(new ConsumerInfo(message), subject));
    }

    public CompletableFuture<ConsumerInfo> consumerInfo(String stream, String consumer) {
        return call("CONSUMER.INFO." + stream + "." + consumer, "", ConsumerInfo::new);
    }

    /** Asks for the deletion of a consumer and does not wait: its inactive threshold is the safety net. */
    public void deleteConsumer(String stream, String consumer) {
        try {
            connection.publish(prefix + "CONSUMER.DELETE." + stream + "." + consumer, null);
        } catch (IllegalStateException e) {
            // disconnected: the threshold will do it
        }
    }

    /** The subject to which a consumer's pull requests go. */
    public String pullSubject(String stream, String consumer) {
        return prefix + "CONSUMER.MSG.NEXT." + stream + "." + consumer;
    }

    /** The message at a sequence, read from the leader; null if there is none. */
    public CompletableFuture<MessageInfo> messageAt(String stream, long sequence) {
        return getMessage(stream, "{\"seq\":" + sequence + "}");
    }

    /** The first message of a subject at a sequence or behind it, read from the leader; null if there is none. */
    public CompletableFuture<MessageInfo> nextMessage(String stream, String subject, long sequence) {
        return getMessage(stream, "{\"seq\":" + sequence + ",\"next_by_subj\":" + quote(subject) + "}");
    }

    /** The last message of a subject, or of all subjects that a filter selects, read from the leader; null if there is none. */
    public CompletableFuture<MessageInfo> lastMessage(String stream, String subject) {
        return getMessage(stream, "{\"last_by_subj\":" + quote(subject) + "}");
    }

    /**
     * What {@link #lastMessages} found.
     *
     * @param complete false if the server left some out because the answer grew too large
     */
    public record Messages(List<MessageInfo> messages, boolean complete) {}

    /**
     * The last messages of up to 1,024 subjects in one request (ADR-31, server 2.11). Any replica may answer, one that lags too.
     */
    public CompletableFuture<Messages> lastMessages(String stream, List<String> wanted) {
        String inbox = connection.createInbox();
        List<MessageInfo> found = new ArrayList<>();
        CompletableFuture<Messages> answer = new CompletableFuture<>();
        Dispatcher dispatcher = connection.createDispatcher();
        dispatcher.subscribe(inbox, message -> {
            Status status = message.getStatus();
            if (status == null) {
                found.add(new MessageInfo(message, stream, true));
            } else if (status.getCode() == 204) {
                String left = message.getHeaders() == null
                        ? null
                        : message.getHeaders().getLast("Nats-Num-Pending");
                answer.complete(new Messages(List.copyOf(found), left == null || left.equals("0")));
            } else if (status.getCode() == 404) {
                answer.complete(new Messages(List.of(), true));
            } else {
                answer.completeExceptionally(new UnavailableException(
                        "Reading " + wanted.size() + " subjects of stream " + stream + ": " + status, null));
            }
        });
        String subjects = wanted.stream().map(JetStreamApi::quote).collect(Collectors.joining(","));
        try {
            connection.publish(
                    prefix + "DIRECT.GET." + stream,
                    inbox,
                    ("{\"multi_last\":[" + subjects + "]}").getBytes(StandardCharsets.UTF_8));
        } catch (IllegalStateException e) {
            answer.completeExceptionally(KvErrors.translate(e, "read stream " + stream));
        }
        answer.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
        // Not on the dispatcher's own thread: closing it there would interrupt what the caller does next.
        answer.whenCompleteAsync((done, error) -> {
            if (connection.getStatus() != Connection.Status.CLOSED) {
                connection.closeDispatcher(dispatcher);
            }
        });
        return answer.handleAsync((messages, error) -> {
            if (error != null) {
                throw KvErrors.translate(error, "read " + wanted.size() + " subjects of stream " + stream);
            }
            return messages;
        });
    }

    /**
     * The last message of a subject up to a sequence; null if there is none (ADR-31, server 2.11). Any replica may answer, one that lags too.
     */
    public CompletableFuture<MessageInfo> lastMessageUpTo(String stream, String subject, long sequence) {
        String full = prefix + "DIRECT.GET." + stream;
        Message request = NatsMessage.builder()
                .subject(full)
                .data(("{\"multi_last\":[" + quote(subject) + "],\"up_to_seq\":" + sequence + "}")
                        .getBytes(StandardCharsets.UTF_8))
                .build();
        // The answer's first message is the one; that nothing follows is said by another, which nobody waits for.
        return requests.send(request, timeout).handle((message, error) -> {
            if (error != null) {
                throw KvErrors.translate(error, full);
            }
            if (!message.isStatusMessage()) {
                return new MessageInfo(message, stream, true);
            }
            if (message.getStatus().getCode() == 404) {
                return null;
            }
            throw new UnavailableException("Reading stream " + stream + ": " + message.getStatus(), null);
        });
    }

    private CompletableFuture<MessageInfo> getMessage(String stream, String json) {
        return request("STREAM.MSG.GET." + stream, json).thenApply(message -> {
            MessageInfo info = new MessageInfo(message, stream, false);
            if (info.hasError() && info.getApiErrorCode() == KvErrors.MESSAGE_NOT_FOUND) {
                return null;
            }
            return checked(info, "read message of stream " + stream);
        });
    }

    private <T extends ApiResponse<T>> CompletableFuture<T> call(
            String subject, String json, Function<Message, T> parser) {
        return request(subject, json).thenApply(message -> checked(parser.apply(message), subject));
    }

    private CompletableFuture<Message> request(String subject, String json) {
        return request(subject, json, timeout);
    }

    private CompletableFuture<Message> request(String subject, String json, Duration timeout) {
        String full = prefix + subject;
        Message request = NatsMessage.builder()
                .subject(full)
                .data(json.getBytes(StandardCharsets.UTF_8))
                .build();
        return requests.send(request, timeout).handle((message, error) -> {
            if (error != null) {
                throw KvErrors.translate(error, full);
            }
            if (message.isStatusMessage()) {
                throw new UnavailableException("Nobody answers on " + full + ": " + message.getStatus(), null);
            }
            return message;
        });
    }

    private static <T extends ApiResponse<T>> T checked(T response, String action) {
        if (response.hasError()) {
            throw KvErrors.ofCode(response.getApiErrorCode(), response.getDescription(), action, null);
        }
        return response;
    }

    private static void failOnError(JsonValue root, String action) {
        JsonValue error = JsonValueUtils.readValue(root, "error");
        if (error != null) {
            throw KvErrors.ofCode(
                    JsonValueUtils.readInteger(error, "err_code", 0),
                    JsonValueUtils.readString(error, "description"),
                    action,
                    null);
        }
    }

    private static JsonValue parse(Message message) {
        return JsonParser.parseUnchecked(message.getData());
    }

    private static String quote(String text) {
        return new JsonValue(text).toJson();
    }
}
