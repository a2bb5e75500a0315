package io.natskv.docker;

import com.github.dockerjava.api.DockerClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;

/** This module's own files: the folder that the worker's image is built from, and what lies beside it. */
final class WorkerImage {
    private WorkerImage() {}

    /** The module's folder. */
    static Path folder() {
        return Path.of(System.getProperty("natskv.docker.dir"));
    }

    /**
     * Builds the image from the Dockerfile on a given base, and returns its name. It is removed when the JVM ends.
     *
     * @throws IllegalStateException if the plugin was not unpacked
     */
    static String buildOn(String base) {
        if (!Files.isDirectory(folder().resolve("target/plugin"))) {
            throw new IllegalStateException("no plugin in " + folder() + "/target/plugin: run mvn package first");
        }
        String name = new ImageFromDockerfile("natskv-test/worker:" + UUID.randomUUID())
                .withDockerfile(folder().resolve("Dockerfile"))
                .withBuildArg("BASE_IMAGE", base)
                .get();
        DockerClient engine = DockerClientFactory.instance().client();
        // Testcontainers' own hook removes an image only after it has lost its name.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> engine.removeImageCmd(name).withForce(true).exec(), "remove-worker-image"));
        return name;
    }
}
