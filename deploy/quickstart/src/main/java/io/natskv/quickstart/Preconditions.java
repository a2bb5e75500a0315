package io.natskv.quickstart;

import io.nats.client.api.ServerInfo;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.error.KvException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Whether the servers will do, before anything is built on them. */
final class Preconditions {
    private static final int KAFKA_TIMEOUT_MILLIS = 8_000;

    private Preconditions() {}

    /** @throws UserProblem if the NATS server can't be reached, runs without JetStream, or has such buckets already */
    static void checkNats(NatsConnectionConfig config, Options options) {
        try (KvConnection connection = KvConnection.open(config)) {
            ServerInfo server = connection.nats().getServerInfo();
            if (!server.isJetStreamAvailable()) {
                throw new UserProblem("The NATS server at " + connection.servers() + " (version " + server.getVersion()
                        + ") runs without JetStream, which KV buckets need. Start it with \"nats-server -js\", or with"
                        + " a jetstream block in its configuration.");
            }
            List<String> buckets = new KvBuckets(connection).names().toList();
            for (String bucket : List.of(options.bucket(), options.copy())) {
                if (buckets.contains(bucket)) {
                    throw new UserProblem("The NATS server at " + connection.servers() + " has a bucket \"" + bucket
                            + "\" already. Choose another name with --bucket NAME, or remove it with \"nats kv del "
                            + bucket + "\".");
                }
            }
        } catch (KvException e) {
            throw new UserProblem(
                    e.getMessage() + ". Check that the server runs, that --nats names it, and that JetStream is"
                            + " enabled for the user's account.",
                    e);
        }
    }

    /** @throws UserProblem if the Kafka broker can't be reached or has such a topic already */
    static void checkKafka(String bootstrap, Options options) {
        try (Admin admin = admin(bootstrap)) {
            Set<String> topics = admin.listTopics().names().get();
            if (topics.contains(options.topic())) {
                throw new UserProblem("The Kafka broker at " + bootstrap + " has a topic \"" + options.topic()
                        + "\" already. Choose another name with --bucket NAME, or delete the topic.");
            }
        } catch (ExecutionException e) {
            throw new UserProblem(
                    "No Kafka broker answers at " + bootstrap + " ("
                            + e.getCause().getMessage() + "). Check that it runs, and that --kafka names its listener.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** A client for the broker's administration; the caller closes it. */
    static Admin admin(String bootstrap) {
        return Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                KAFKA_TIMEOUT_MILLIS,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                KAFKA_TIMEOUT_MILLIS));
    }
}
