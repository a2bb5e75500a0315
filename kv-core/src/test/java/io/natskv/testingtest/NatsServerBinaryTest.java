package io.natskv.testingtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.testing.nats.DebianArchive;
import io.natskv.testing.nats.NatsServerBinary;
import io.natskv.testing.nats.NatsVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NatsServerBinaryTest {
    @TempDir
    Path folder;

    private final List<String> progress = new ArrayList<>();

    @Test
    void takesTheProgramOfTheVariable() {
        Path program = NatsServerBinary.of(NatsVersion.V2_10);

        Path found = offline(Map.of("NATS_SERVER_BIN", program.toString())).find(NatsVersion.V2_10);

        assertThat(found).isEqualTo(program);
        assertThat(progress).isEmpty();
    }

    @Test
    void passesOverAVariableOfAnotherVersion() {
        Path older = NatsServerBinary.of(NatsVersion.V2_10);
        Path wanted = NatsServerBinary.of(NatsVersion.V2_15);

        Path found = offline(Map.of("NATS_SERVER_BIN", older.toString(), "PATH", folder + ":" + wanted.getParent()))
                .find(NatsVersion.V2_15);

        assertThat(found).isEqualTo(wanted);
        assertThat(progress).singleElement().asString().contains("NATS_SERVER_BIN", "2.10.", "passed over");
    }

    @Test
    void passesOverAVariableThatNamesNoProgram() {
        Path wanted = NatsServerBinary.of(NatsVersion.V2_15);

        Path found = offline(Map.of(
                        "NATS_SERVER_BIN",
                        folder.resolve("missing").toString(),
                        "PATH",
                        wanted.getParent().toString()))
                .find(NatsVersion.V2_15);

        assertThat(found).isEqualTo(wanted);
    }

    @Test
    void downloadsOnceIntoTheCacheThoughSeveralAsk() throws Exception {
        Map<String, String> environment = Map.of("XDG_CACHE_HOME", folder.toString());
        List<String> downloads = Collections.synchronizedList(new ArrayList<>());

        List<CompletableFuture<Path>> asked = IntStream.range(0, 3)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> new NatsServerBinary(environment, DebianArchive.ofThisMachine(), downloads::add)
                                .find(NatsVersion.V2_15)))
                .toList();

        Path expected = folder.resolve("natskv/nats-server/2.15.1/nats-server");
        for (CompletableFuture<Path> one : asked) {
            assertThat(one.get()).isEqualTo(expected);
        }
        assertThat(downloads)
                .filteredOn(line -> line.startsWith("downloading nats-server 2.15.1"))
                .hasSize(1);
        assertThat(NatsServerBinary.versionOf(expected))
                .hasValueSatisfying(v -> assertThat(v).startsWith("2.15."));
        assertThat(Files.list(expected.getParent())).containsExactly(expected);
    }

    @Test
    void readsOneLineSources() throws IOException {
        Path list = folder.resolve("sources.list");
        Files.writeString(
                list,
                "# deb http://ignored.invalid/debian bookworm main\n"
                        + "deb http://security.invalid/debian-security bookworm-security main\n"
                        + "deb [arch=amd64 trusted=yes] file:" + folder + "/debian bookworm main contrib\n");

        assertThatThrownBy(() ->
                        binary(new DebianArchive(list, folder.resolve("none"))).find(NatsVersion.V2_9))
                .hasMessageContaining("file:" + folder + "/debian");
    }

    @Test
    void saysInThreeLinesHowToGetOne() {
        assertThatThrownBy(() -> offline(Map.of("NATS_SERVER_BIN", "/bin/true")).find(NatsVersion.V2_15))
                .isInstanceOf(IllegalStateException.class)
                .satisfies(e -> assertThat(e.getMessage().lines())
                        .hasSize(3)
                        .satisfiesExactly(
                                line -> assertThat(line)
                                        .contains("2.15", "NATS_SERVER_BIN=/bin/true", "Install", "forky"),
                                line -> assertThat(line).contains("NATS_SERVER_BIN"),
                                line -> assertThat(line).contains("PATH")));
    }

    private NatsServerBinary offline(Map<String, String> environment) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.put("XDG_CACHE_HOME", folder.toString());
        return new NatsServerBinary(
                variables, new DebianArchive(folder.resolve("no.list"), folder.resolve("no.parts")), progress::add);
    }

    private NatsServerBinary binary(DebianArchive archive) {
        return new NatsServerBinary(Map.of("XDG_CACHE_HOME", folder.toString()), archive, progress::add);
    }
}
