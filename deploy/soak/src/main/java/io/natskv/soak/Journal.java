package io.natskv.soak;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** What happened when: lines on standard output and in a file, which is kept with a run that failed. Thread-safe. */
final class Journal {
    private final PrintStream out;
    private final Path file;

    Journal(PrintStream out, Path file) {
        this.out = out;
        this.file = file;
    }

    /** A line with the time. */
    void line(String text) {
        plain(Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + text);
    }

    /** A line as it is. */
    synchronized void plain(String text) {
        out.println(text);
        try {
            Files.writeString(file, text + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
