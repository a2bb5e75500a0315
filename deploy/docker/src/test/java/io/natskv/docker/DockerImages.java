package io.natskv.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import io.natskv.testing.nats.NatsVersion;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The images that the tests run. A server's is taken in this order: the one that a property names, as
 * {@code -Dnatskv.docker.kafka.image=...}, or the variable {@code NATSKV_DOCKER_KAFKA_IMAGE}; the official one, if the
 * engine has it; the stand-in, if the engine has it; the official one, pulled. The worker's is the one that a property
 * or variable names; else it is built from this module's Dockerfile.
 *
 * @param kafka an image with the layout of apache/kafka
 * @param nats an image that takes nats-server's options as its command
 * @param worker the image of the Connect worker
 */
record DockerImages(String kafka, String nats, String worker) {
    private static final String STAND_IN = "natskv-stand-in/";
    private static final long PULL_MINUTES = 10;

    /** An image that can't be had. */
    static final class MissingImageException extends Exception {
        private static final long serialVersionUID = 1L;

        MissingImageException(String message) {
            super(message);
        }
    }

    /**
     * Looks for the images, pulls what is missing, and builds the worker's.
     *
     * @throws MissingImageException if one can't be had; the message says what to do
     * @throws RuntimeException if the worker's image can't be built
     */
    static DockerImages find(DockerClient engine) throws MissingImageException {
        String kafka = System.getProperty("natskv.kafka.version");
        String nats = NatsVersion.latest().line();
        kafka = find(engine, "kafka", "apache/kafka:" + kafka, STAND_IN + "kafka:" + kafka);
        nats = find(engine, "nats", "nats:" + nats + "-alpine", STAND_IN + "nats:" + nats);
        Optional<String> worker = given(engine, "worker");
        return new DockerImages(kafka, nats, worker.isEmpty() ? WorkerImage.buildOn(kafka) : worker.get());
    }

    private static String find(DockerClient engine, String what, String official, String standIn)
            throws MissingImageException {
        Optional<String> given = given(engine, what);
        if (given.isPresent()) {
            return given.get();
        }
        if (!has(engine, official) && has(engine, standIn)) {
            return standIn;
        }
        pull(
                engine,
                official,
                "build stand-ins by deploy/docker/stand-in-images, or name another by " + property(what));
        return official;
    }

    private static Optional<String> given(DockerClient engine, String what) throws MissingImageException {
        String property = property(what);
        String variable = property.replace('.', '_').toUpperCase(Locale.ROOT);
        String given = System.getProperty(property, System.getenv().getOrDefault(variable, ""));
        if (given.isBlank()) {
            return Optional.empty();
        }
        pull(engine, given, "it is what " + property + " or " + variable + " names");
        return Optional.of(given);
    }

    private static String property(String what) {
        return "natskv.docker." + what + ".image";
    }

    private static boolean has(DockerClient engine, String image) {
        try {
            engine.inspectImageCmd(image).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }

    private static void pull(DockerClient engine, String image, String advice) throws MissingImageException {
        if (has(engine, image)) {
            return;
        }
        String reason = "it took longer than " + PULL_MINUTES + " minutes";
        try {
            if (engine.pullImageCmd(image).start().awaitCompletion(PULL_MINUTES, TimeUnit.MINUTES)) {
                return;
            }
        } catch (DockerException e) {
            reason = e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reason = "interrupted";
        }
        throw new MissingImageException(
                "image " + image + " can't be pulled (" + reason.strip().replaceAll("\\s+", " ") + "): " + advice);
    }
}
