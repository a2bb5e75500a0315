package io.natskv.testing.process;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * One run of a command: started, ready, and ended by the caller or with the JVM.
 *
 * <p>All signals go to the process id of this process alone. Thread-safe.
 */
public final class ManagedProcess implements AutoCloseable {
    /** How long {@link #stop()} waits after SIGTERM before it kills. */
    public static final Duration STOP_BOUND = Duration.ofSeconds(15);

    private static final long POLL_MILLIS = 5;
    private static final int START_LOG_LINES = 40;
    private static final long TAIL_BYTES = 256 * 1024;

    private final String name;
    private final Process process;
    private final Path logFile;
    private final AtomicBoolean paused = new AtomicBoolean();

    private ManagedProcess(String name, Process process, Path logFile) {
        this.name = name;
        this.process = process;
        this.logFile = logFile;
    }

    /**
     * Describes a command.
     *
     * @param name what to call it in messages
     * @param command the program and its arguments
     */
    public static Builder builder(String name, String... command) {
        return new Builder(name, List.of(command));
    }

    /** As {@link #builder(String, String...)}. */
    public static Builder builder(String name, List<String> command) {
        return new Builder(name, List.copyOf(command));
    }

    /** The process id. */
    public long pid() {
        return process.pid();
    }

    /** Whether it runs; a paused process is alive. */
    public boolean alive() {
        return process.isAlive();
    }

    /** Whether it was paused and not resumed since. */
    public boolean paused() {
        return paused.get() && alive();
    }

    /** Kills it by SIGKILL and waits for its end. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Asks it to end by SIGTERM, waits for {@link #STOP_BOUND}, then kills it. */
    public void stop() {
        stop(STOP_BOUND);
    }

    /** Asks it to end by SIGTERM, waits for the bound, then kills it. Returns when it has ended. */
    public void stop(Duration bound) {
        if (paused.get()) {
            resume();
        }
        process.destroy();
        try {
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    /** Freezes it by SIGSTOP: its sockets stay open and nothing moves. Returns when all of its threads stand still. */
    public void pause() {
        signal("STOP");
        paused.set(true);
        Wait.until(name + " to stand still", STOP_BOUND, this::standsStill);
    }

    /** The signal is delivered to each thread when it next leaves the kernel; until then it may still answer somebody. */
    private boolean standsStill() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid()), "task"))) {
            return threads.allMatch(ManagedProcess::isStopped);
        }
    }

    private static boolean isStopped(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            // "1234 (name) T ...": the name may hold anything, so the state is what follows the last bracket.
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
        } catch (IOException e) {
            return true; // the thread has ended
        }
    }

    /** Lets a paused process go on, by SIGCONT. */
    public void resume() {
        if (alive()) {
            signal("CONT");
        }
        paused.set(false);
    }

    /**
     * Sends a signal.
     *
     * @param signal its name without SIG, as HUP
     * @throws IllegalStateException if the process has ended
     */
    public void signal(String signal) {
        try {
            // The shell's own kill: the program of that name is missing on small systems.
            Process kill = new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid())
                    .redirectErrorStream(true)
                    .start();
            String out = new String(kill.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (kill.onExit().join().exitValue() != 0) {
                throw new IllegalStateException(name + ": signal " + signal + " failed: " + out.strip());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The end of its output: at most n lines. */
    public String logTail(int lines) {
        return tail(logFile, lines);
    }

    /** The file that takes its output. */
    public Path logFile() {
        return logFile;
    }

    /** The same as {@link #stop()}. */
    @Override
    public void close() {
        stop();
    }

    /** The last lines of a file; empty if there is none. */
    public static String tail(Path file, int lines) {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long from = Math.max(0, in.length() - TAIL_BYTES);
            byte[] bytes = new byte[(int) (in.length() - from)];
            in.seek(from);
            in.readFully(bytes);
            List<String> all = new String(bytes, StandardCharsets.UTF_8).lines().toList();
            return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (IOException e) {
            return "";
        }
    }

    /**
     * Waits until it is ready; kills it if the deadline passes.
     *
     * @param deadline how long it may take
     * @param ready asked every few milliseconds; an exception counts as "not yet"
     * @throws ProcessStartException if it ends first, or the deadline passes
     */
    public void awaitReady(Duration deadline, Wait.Condition ready) {
        try {
            Wait.until("readiness of " + name, deadline, () -> {
                // Asked first: another server may answer on a port that this one did not get.
                if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    return true;
                }
                return ready.holds();
            });
        } catch (IllegalStateException e) {
            kill();
            throw new ProcessStartException(e.getMessage() + ". " + logForMessage(), e);
        }
        if (!alive()) {
            throw new ProcessStartException(
                    name + " ended with exit code " + process.exitValue() + " before it was ready. " + logForMessage());
        }
    }

    /**
     * Waits until it ends by itself; kills it if the deadline passes.
     *
     * @return its exit code
     * @throws IllegalStateException if the deadline passes or the thread is interrupted
     */
    public int awaitEnd(Duration deadline) {
        try {
            if (process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
        throw new IllegalStateException(
                name + " did not end within " + deadline.toMillis() + " ms. " + logForMessage());
    }

    private String logForMessage() {
        String tail = logTail(START_LOG_LINES);
        return tail.isBlank() ? "Its log " + logFile + " is empty." : "The end of its log " + logFile + ":\n" + tail;
    }

    /** A command, its surroundings, and its log. */
    public static final class Builder {
        private final String name;
        private final List<String> command;
        private final Map<String, String> environment = new LinkedHashMap<>();
        private Path directory;
        private Path logFile;

        private Builder(String name, List<String> command) {
            this.name = name;
            this.command = command;
        }

        /** The working directory; without, that of the JVM. */
        public Builder directory(Path path) {
            this.directory = path;
            return this;
        }

        /** Sets an environment variable, besides those of the JVM. */
        public Builder environment(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        /** The file that takes standard output and standard error, appended; without, a file in the temp folder. */
        public Builder logFile(Path path) {
            this.logFile = path;
            return this;
        }

        /**
         * Starts it and waits until it is ready.
         *
         * @param deadline how long it may take
         * @param ready asked every few milliseconds; an exception counts as "not yet"
         * @throws ProcessStartException if it ends first, can't be started, or the deadline passes (it is killed then)
         */
        public ManagedProcess start(Duration deadline, Wait.Condition ready) {
            ManagedProcess started = launch();
            started.awaitReady(deadline, ready);
            return started;
        }

        /** Starts it and does not wait. */
        public ManagedProcess launch() {
            try {
                Path log = logFile == null ? Files.createTempFile("natskv-" + name + "-", ".log") : logFile;
                ProcessBuilder builder = new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
                if (directory != null) {
                    builder.directory(directory.toFile());
                }
                builder.environment().putAll(environment);
                return new ManagedProcess(name, ExitGuard.instance().start(builder), log);
            } catch (IOException e) {
                throw new ProcessStartException(name + " can't be started: " + e.getMessage(), e);
            }
        }
    }
}
