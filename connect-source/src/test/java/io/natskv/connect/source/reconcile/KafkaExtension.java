package io.natskv.connect.source.reconcile;

import io.natskv.testing.kafka.KafkaBroker;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs a Kafka broker for the tests of a class. */
public final class KafkaExtension implements BeforeAllCallback, AfterAllCallback {
    private KafkaBroker broker;

    public KafkaBroker broker() {
        return broker;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        broker = KafkaBroker.builder().start();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        broker.close();
    }
}
