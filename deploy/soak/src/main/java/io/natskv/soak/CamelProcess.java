package io.natskv.soak;

import io.natskv.soak.model.Operation;
import io.natskv.soak.model.Seen;
import io.natskv.testing.process.ManagedProcess;
import io.natskv.testing.process.TempFolder;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The process of {@link CamelReader}, which keeps its folder over its runs. */
final class CamelProcess implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final int LOG_LINES = 40;

    private final TempFolder folder = TempFolder.create("camel");
    private final String servers;
    private final String bucket;
    private final List<Seen> lines = new ArrayList<>();
    private volatile ManagedProcess process;
    private long read;

    CamelProcess(String servers, String bucket) {
        this.servers = servers;
        this.bucket = bucket;
    }

    void start() {
        Path lines = folder.path().resolve(CamelReader.LINES);
        long before = size(lines);
        process = ManagedProcess.builder(
                        "Camel consumer",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dorg.slf4j.simpleLogger.showDateTime=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CamelReader.class.getName(),
                        servers,
                        bucket,
                        folder.path().toString())
                .directory(folder.path())
                .logFile(folder.path().resolve("camel.log"))
                .start(START, () -> size(lines) > before);
    }

    void kill() {
        process.kill();
    }

    /** In order: it stores its position. */
    void stop() {
        process.stop();
    }

    void pause() {
        process.pause();
    }

    void resume() {
        process.resume();
    }

    boolean alive() {
        return process.alive();
    }

    /** The end of its log. */
    String logTail() {
        return process.logTail(LOG_LINES);
    }

    Path folder() {
        return folder.path();
    }

    /** What it has written so far. */
    synchronized List<Seen> lines() throws IOException {
        try (RandomAccessFile file =
                new RandomAccessFile(folder.path().resolve(CamelReader.LINES).toFile(), "r")) {
            file.seek(read);
            byte[] bytes = new byte[(int) (file.length() - read)];
            file.readFully(bytes);
            // Without a line that is being written.
            String text = new String(bytes, StandardCharsets.UTF_8);
            String whole = text.substring(0, text.lastIndexOf('\n') + 1);
            whole.lines().map(CamelProcess::parse).forEach(lines::add);
            read += whole.getBytes(StandardCharsets.UTF_8).length;
        }
        return List.copyOf(lines);
    }

    static Seen parse(String line) {
        String[] parts = line.split(" ", 7);
        if (parts[0].equals("start")) {
            // 1|created|revision|...
            String[] position = parts[1].split("\\|");
            return position.length < 3
                    ? new Seen.Start(null, 0)
                    : new Seen.Start(Instant.parse(position[1]), Long.parseLong(position[2]));
        }
        return new Seen.Delivered(
                Long.parseLong(parts[1]),
                Instant.parse(parts[2]),
                parts[3].intern(),
                Operation.valueOf(parts[4]),
                Long.parseLong(parts[5]),
                Instant.parse(parts[6]));
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.kill();
        }
        folder.close();
    }
}
