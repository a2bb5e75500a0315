package io.natskv.quickstart;

import io.natskv.core.bucket.KvBucket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The threads that follow both buckets and the topic, and tell the model. */
final class Feeds implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private volatile boolean closed;

    /** Starts them. */
    Feeds(KvBucket source, String bootstrap, String topic, KvBucket copy, MirrorModel model) {
        start("quickstart-source", () -> BucketReader.follow(source, model::sourceChanged, () -> closed));
        start("quickstart-copy", () -> BucketReader.follow(copy, model::copyChanged, () -> closed));
        start("quickstart-topic", () -> {
            try (TopicReader reader = new TopicReader(bootstrap, topic)) {
                while (!closed) {
                    reader.poll(record -> model.recordArrived());
                }
            }
        });
    }

    /** Throws what made one of them end, if anything did. */
    void check() {
        RuntimeException problem = failure.get();
        if (problem != null) {
            throw problem;
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            try {
                thread.join(2_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void start(String name, Runnable feed) {
        Thread thread = new Thread(
                () -> {
                    try {
                        feed.run();
                    } catch (RuntimeException e) {
                        failure.compareAndSet(null, e);
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }
}
