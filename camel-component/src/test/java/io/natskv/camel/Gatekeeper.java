package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Holds exchanges up until it is told to let them go. */
final class Gatekeeper {
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch open = new CountDownLatch(1);

    void pass() throws InterruptedException {
        first.countDown();
        assertThat(open.await(60, TimeUnit.SECONDS)).isTrue();
    }

    void awaitFirst() throws InterruptedException {
        assertThat(first.await(60, TimeUnit.SECONDS)).isTrue();
    }

    void open() {
        open.countDown();
    }
}
