package io.natskv.testingtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.testing.process.ManagedProcess;
import io.natskv.testing.process.ProcessStartException;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagedProcessTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void runsWithItsSurroundingsUntilReady() {
        ManagedProcess.Builder builder = shell("echo in $(pwd) with $WORD; exec sleep 600")
                .directory(folder)
                .environment("WORD", "colour");
        try (ManagedProcess process =
                builder.start(DEADLINE, () -> ManagedProcess.tail(log(), 5).contains("with"))) {
            assertThat(process.alive()).isTrue();
            assertThat(process.logTail(1)).isEqualTo("in " + folder + " with colour");
        }
    }

    @Test
    void anEarlyEndShowsExitCodeAndLog() {
        assertThatThrownBy(() -> shell("echo no luck; exit 7").start(DEADLINE, () -> false))
                .isInstanceOf(ProcessStartException.class)
                .hasMessageContaining("exit code 7")
                .hasMessageContaining("no luck");
    }

    @Test
    void aPassedDeadlineKillsAndNamesTheLastFault() {
        assertThatThrownBy(() -> shell("echo $$; exec sleep 600").start(Duration.ofSeconds(3), () -> {
                    throw new IllegalArgumentException("not yet");
                }))
                .isInstanceOf(ProcessStartException.class)
                .hasMessageContaining("3000 ms")
                .hasMessageContaining("not yet");
        long pid = Long.parseLong(ManagedProcess.tail(log(), 1));
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void stopKillsWhatIgnoresTheRequest() {
        ManagedProcess process = shell("trap '' TERM; echo trapped; while :; do sleep 600 & wait $!; done")
                .start(DEADLINE, () -> ManagedProcess.tail(log(), 1).equals("trapped"));
        process.stop(Duration.ofMillis(200));
        assertThat(process.alive()).isFalse();
    }

    @Test
    void nothingIsLeftWhenTheJvmEnds() throws Exception {
        Process jvm = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Leaver.class.getName())
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(jvm.getInputStream(), StandardCharsets.UTF_8))) {
            ProcessHandle child =
                    ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
            Path temp = Path.of(out.readLine());
            assertThat(child.isAlive()).isTrue();
            assertThat(temp).isDirectory();

            // SIGTERM runs the same hooks as Ctrl-C.
            jvm.destroy();

            assertThat(jvm.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            Awaitility.await().until(() -> !child.isAlive());
            assertThat(temp).doesNotExist();
        } finally {
            jvm.destroyForcibly();
        }
    }

    private Path log() {
        return folder.resolve("process.log");
    }

    private ManagedProcess.Builder shell(String script) {
        return ManagedProcess.builder("shell", "sh", "-c", script).logFile(log());
    }
}
