package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.natskv.core.bucket.BucketConfig;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.testing.kafka.KafkaBroker;
import io.natskv.testing.kafka.KafkaClasspath;
import io.natskv.testing.nats.NatsServer;
import io.natskv.testing.process.FreePorts;
import io.natskv.testing.process.ManagedProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole program on real servers, with fewer changes than a user's run makes. */
class QuickstartIT {
    private static final Duration SOON = Duration.ofSeconds(90);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    private int run(String... args) {
        Output output = new Output(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, 100);
        int code = new Quickstart(output).run(List.of(args));
        System.out.println(text());
        return code;
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void onOwnServersOfTheUserItMirrorsAndLeavesNothingBehind() throws Exception {
        try (NatsServer nats = NatsServer.builder()
                        .config("authorization { user: ann, password: \"s3cr@t\" }")
                        .start();
                KafkaBroker kafka = KafkaBroker.builder().start()) {
            String url = "nats://ann:s3cr%40t@127.0.0.1:" + nats.port();

            int code =
                    run("--once", "--changes", "2000", "--nats", url, "--kafka", kafka.bootstrap(), "--bucket", "it");

            assertThat(text())
                    .containsPattern("(?m)^MIRROR OK keys=\\d+ changes=2000 records=\\d+ seconds=\\d+\\.\\d$");
            assertThat(code).isZero();
            assertThat(text())
                    .contains("--topic kv.it", "kv watch it-copy", "http://127.0.0.1:", kafka.bootstrap())
                    .doesNotContain("s3cr");
            try (KvConnection connection = KvConnection.open(Services.natsConfig(url))) {
                assertThat(new KvBuckets(connection).names()).isEmpty();
            }
            try (Admin admin = Preconditions.admin(kafka.bootstrap())) {
                assertThat(admin.listTopics().names().get())
                        .noneMatch(topic -> topic.startsWith("kv.") || topic.startsWith("natskv-quickstart"));
            }
        }
    }

    @Test
    void aForeignWriteIntoTheSecondBucketIsFound() throws Exception {
        try (NatsServer nats = NatsServer.builder().start();
                KvConnection connection = KvConnection.open(NatsConnectionConfig.of(nats.url()))) {
            CompletableFuture<Integer> code = CompletableFuture.supplyAsync(
                    () -> run("--once", "--changes", "500", "--rate", "500", "--nats", nats.url()));
            await().atMost(SOON)
                    .until(() -> new KvBuckets(connection).names().toList().contains("world-copy"));
            new KvBuckets(connection).open("world-copy").put("foreign", "value");

            assertThat(code.get(5, TimeUnit.MINUTES)).isEqualTo(1);
            assertThat(text())
                    .containsPattern("(?m)^MIRROR DIFFERS keys=\\d+ changes=500 .* differences=1$")
                    .containsPattern("(?m)^  foreign: bucket -, topic -, copy PUT 5 bytes #[0-9a-f]+$");
        }
    }

    /** In a JVM of its own, to which the signal of Ctrl-C is sent while changes flow. */
    @Test
    void anInterruptEndsEverythingAndRemovesItsFiles() throws Exception {
        Path target = Path.of(System.getProperty("natskv.suite.dir"), "deploy/quickstart/target");
        String classpath = target.resolve("classes") + ":" + Files.readString(target.resolve("run.classpath"));
        try (ManagedProcess quickstart = ManagedProcess.builder(
                        "quickstart",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Djava.io.tmpdir=" + folder,
                        property(KafkaClasspath.PROPERTY),
                        property(Quickstart.PLUGIN_ZIP),
                        "-cp",
                        classpath,
                        Quickstart.class.getName())
                .logFile(target.resolve("interrupted.log"))
                .launch()) {
            await().atMost(SOON).until(() -> quickstart.logTail(3).contains("| lag "));
            List<ProcessHandle> servers =
                    ProcessHandle.of(quickstart.pid()).orElseThrow().children().toList();
            assertThat(servers).hasSize(3).allMatch(ProcessHandle::isAlive);

            quickstart.signal("INT");

            await().atMost(SOON).until(() -> !quickstart.alive());
            assertThat(quickstart.logTail(2)).contains("Everything that was started has ended");
            assertThat(servers).noneMatch(ProcessHandle::isAlive);
            assertThat(filesLeft()).isEmpty();
        } finally {
            Files.deleteIfExists(target.resolve("interrupted.log"));
        }
    }

    @Test
    void aNatsServerWithoutJetStreamIsNamedWithWhatToDo() {
        try (NatsServer nats = NatsServer.builder().jetStream(false).start()) {
            assertThat(run("--once", "--nats", nats.url())).isEqualTo(1);
            assertThat(text())
                    .contains("quickstart: The NATS server at " + nats.url(), "without JetStream", "nats-server -js");
        }
    }

    @Test
    void aNatsServerThatIsNotThereIsNamed() {
        assertThat(run("--once", "--nats", "nats://127.0.0.1:" + FreePorts.next()))
                .isEqualTo(1);
        assertThat(text())
                .contains("quickstart: Can't connect to NATS at nats://127.0.0.1:", "Check that the server runs");
    }

    @Test
    void aBucketThatIsThereIsNotTouched() {
        try (NatsServer nats = NatsServer.builder().start();
                KvConnection connection = KvConnection.open(NatsConnectionConfig.of(nats.url()))) {
            new KvBuckets(connection).create(BucketConfig.of("world-copy")).put("mine", "kept");

            assertThat(run("--once", "--nats", nats.url())).isEqualTo(1);

            assertThat(text()).contains("a bucket \"world-copy\" already", "--bucket NAME");
            assertThat(new KvBuckets(connection).open("world-copy").keys()).containsExactly("mine");
        }
    }

    @Test
    void aKafkaBrokerThatIsNotThereIsNamed() {
        String address = "127.0.0.1:" + FreePorts.next();
        assertThat(run("--once", "--kafka", address)).isEqualTo(1);
        assertThat(text()).contains("quickstart: No Kafka broker answers at " + address);
    }

    @Test
    void aTakenPortIsNamed() {
        try (NatsServer other = NatsServer.builder().start()) {
            String port = String.valueOf(other.port());
            assertThat(run("--once", "--nats-port", port)).isEqualTo(1);
            assertThat(text()).contains("quickstart: Port " + port + " of 127.0.0.1 is taken", "--nats-port");
        }
    }

    private static String property(String name) {
        return "-D" + name + "=" + System.getProperty(name);
    }

    /** But for the file by which JVMs agree on ports, which belongs to all of them. */
    private List<String> filesLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".lock") && !name.startsWith("hsperfdata"))
                    .toList();
        }
    }
}
