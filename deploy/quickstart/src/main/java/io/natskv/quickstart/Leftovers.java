package io.natskv.quickstart;

import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/**
 * What a run has made on the user's own servers: it is removed at the end, unless it is to be kept. Nothing is removed of which this was not
 * told that the run made it.
 */
final class Leftovers {
    private final Options options;
    private final KvConnection connection;
    private final String bootstrap;
    /** One place among all that is undone: behind the Connect worker, which would make topics again. */
    private final Cleanup made;

    /** To be created before the Connect worker starts: then it is undone after the worker has ended. */
    Leftovers(Options options, KvConnection connection, String bootstrap, Cleanup cleanup) {
        this.options = options;
        this.connection = connection;
        this.bootstrap = bootstrap;
        this.made = cleanup.add(new Cleanup());
    }

    /** The run has created this bucket. */
    void bucketMade(String bucket) {
        if (options.nats().isPresent() && !options.keep()) {
            made.add(() -> new KvBuckets(connection).delete(bucket));
        }
    }

    /** The run creates this topic. */
    void topicMade(String topic) {
        if (options.kafka().isPresent() && !options.keep()) {
            made.add(() -> delete(topic));
        }
    }

    private void delete(String topic) throws Exception {
        try (Admin admin = Preconditions.admin(bootstrap)) {
            admin.deleteTopics(List.of(topic)).all().get(15, TimeUnit.SECONDS);
        }
    }
}
