package io.natskv.camel;

import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.natskv.core.connection.JetStreamApi;
import io.natskv.core.error.FeatureUnsupportedException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.key.BucketSubjects;
import io.natskv.core.key.KeyFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the durable JetStream consumer of an endpoint, or creates it. */
final class DurableConsumers {
    private static final Logger LOG = LoggerFactory.getLogger(DurableConsumers.class);

    private DurableConsumers() {}

    /**
     * Where a consumer begins.
     *
     * @param revision the first one, with {@link DeliverPolicy#ByStartSequence}; else 0
     */
    record Start(DeliverPolicy policy, long revision) {
        /** As the options say. */
        static Start of(NatsKvConfiguration options) {
            if (options.getFromRevision() != null) {
                return at(options.getFromRevision());
            }
            return new Start(
                    options.isIncludeHistory()
                            ? DeliverPolicy.All
                            : options.isUpdatesOnly() ? DeliverPolicy.New : DeliverPolicy.LastPerSubject,
                    0);
        }

        static Start at(long revision) {
            return new Start(DeliverPolicy.ByStartSequence, revision);
        }

        /** All that is in a bucket that has taken the place of another. */
        static Start anew(NatsKvConfiguration options) {
            return new Start(options.isIncludeHistory() ? DeliverPolicy.All : DeliverPolicy.LastPerSubject, 0);
        }
    }

    /**
     * Finds or creates. One that is there is used as it is, because others may share it; if its settings differ, a warning says so.
     *
     * @param start where one that is created begins
     * @return what the server says of it
     * @throws IllegalArgumentException if one of that name is there that can't be read with acknowledgements
     * @throws io.natskv.core.error.KvException if the server can't be asked, or refuses
     */
    static ConsumerInfo ensure(OpenBucket open, NatsKvConfiguration options, Start start) {
        BucketSubjects subjects = open.bucket().subjects();
        JetStreamApi api = open.lease().connection().api();
        ConsumerConfiguration wanted = configuration(open, options, start);
        ConsumerInfo found = find(api, subjects.stream(), wanted.getDurable());
        if (found == null) {
            return await(api.createConsumer(subjects.stream(), wanted, api.timeout()), "create consumer", wanted);
        }
        ConsumerConfiguration there = found.getConsumerConfiguration();
        if (there.getAckPolicy() != AckPolicy.Explicit || there.getDeliverSubject() != null) {
            throw new IllegalArgumentException("durableName=" + wanted.getDurable() + ": stream " + subjects.stream()
                    + " has a consumer of that name that is no pull consumer with explicit acknowledgements");
        }
        List<String> differences = differences(wanted, there);
        if (!differences.isEmpty()) {
            LOG.warn(
                    "Durable consumer \"{}\" of bucket \"{}\" is there with other settings, and is used as it is: {}",
                    wanted.getDurable(),
                    subjects.bucket(),
                    differences);
        }
        return found;
    }

    /** Null if there is none. */
    static ConsumerInfo find(JetStreamApi api, String stream, String name) {
        try {
            return api.consumerInfo(stream, name).join();
        } catch (CompletionException e) {
            if (KvErrors.isCode(e, KvErrors.CONSUMER_NOT_FOUND)) {
                return null;
            }
            throw KvErrors.translate(e, "find consumer \"" + name + "\" of stream " + stream);
        }
    }

    private static <T> T await(CompletableFuture<T> done, String action, ConsumerConfiguration consumer) {
        try {
            return done.join();
        } catch (CompletionException e) {
            throw KvErrors.translate(e, action + " \"" + consumer.getDurable() + "\"");
        }
    }

    private static ConsumerConfiguration configuration(OpenBucket open, NatsKvConfiguration options, Start start) {
        BucketSubjects subjects = open.bucket().subjects();
        List<KeyFilter> filters = KeyFilters.parse(options.getKey());
        var server = open.lease().connection().nats().getServerInfo();
        if (filters.size() > 1 && !server.isSameOrNewerThanVersion("2.10.0")) {
            throw new FeatureUnsupportedException("A consumer with several key filters", "2.10", server.getVersion());
        }
        ConsumerConfiguration.Builder consumer = ConsumerConfiguration.builder()
                .durable(options.getDurableName())
                .name(options.getDurableName())
                .ackPolicy(AckPolicy.Explicit)
                .ackWait(Duration.ofMillis(options.getAckWait()))
                .maxDeliver(options.getMaxDeliver())
                .headersOnly(options.isMetaOnly())
                .deliverPolicy(start.policy)
                .filterSubjects(filters.stream()
                        .map(filter -> subjects.readSubject(filter.pattern()))
                        .toList());
        if (start.policy == DeliverPolicy.ByStartSequence) {
            consumer.startSequence(start.revision);
        }
        return consumer.build();
    }

    private static List<String> differences(ConsumerConfiguration wanted, ConsumerConfiguration found) {
        List<String> differences = new ArrayList<>();
        compare(differences, "key", subjects(wanted), subjects(found));
        compare(differences, "ackWait", wanted.getAckWait(), found.getAckWait());
        compare(differences, "maxDeliver", wanted.getMaxDeliver(), found.getMaxDeliver());
        compare(differences, "metaOnly", wanted.isHeadersOnly(), found.isHeadersOnly());
        compare(differences, "start", wanted.getDeliverPolicy(), found.getDeliverPolicy());
        return differences;
    }

    private static TreeSet<String> subjects(ConsumerConfiguration consumer) {
        return new TreeSet<>(consumer.getFilterSubjects() == null ? List.of() : consumer.getFilterSubjects());
    }

    private static void compare(List<String> differences, String option, Object wanted, Object found) {
        if (!Objects.equals(wanted, found)) {
            differences.add(option + "=" + found + " (wanted " + wanted + ")");
        }
    }
}
