package io.natskv.quickstart;

import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;

/** What a run has made on servers that stay. */
final class Leftovers {
    private Leftovers() {}

    /**
     * Has the buckets and topics of this run removed from the user's own servers at the end, unless they are to be kept. That none of
     * them was there before, {@link Preconditions} has made sure.
     *
     * @param group the group of the Connect worker, with which its own topics begin
     */
    static void removeAtEnd(Options options, KvConnection connection, String bootstrap, String group, Cleanup cleanup) {
        if (options.keep()) {
            return;
        }
        if (options.nats().isPresent()) {
            for (String bucket : List.of(options.bucket(), options.copy())) {
                cleanup.add(() -> new KvBuckets(connection).delete(bucket));
            }
        }
        if (options.kafka().isPresent()) {
            for (String topic : List.of(options.topic(), group + "-config", group + "-offset", group + "-status")) {
                cleanup.add(() -> delete(bootstrap, topic));
            }
        }
    }

    private static void delete(String bootstrap, String topic) throws Exception {
        try (Admin admin = Preconditions.admin(bootstrap)) {
            admin.deleteTopics(List.of(topic)).all().get(15, TimeUnit.SECONDS);
        }
    }
}
