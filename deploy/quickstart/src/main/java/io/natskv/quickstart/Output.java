package io.natskv.quickstart;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Standard output: lines, the progress of long steps, and a block that is drawn over and over on a terminal. Thread-safe. */
final class Output {
    private static final String ERASE_LINE = "\r\u001b[K";
    private static final String ERASE_BELOW = "\u001b[J";
    private static final String NO_WRAP = "\u001b[?7l";
    private static final String WRAP = "\u001b[?7h";

    private final PrintStream out;
    private final boolean terminal;
    private final int width;
    private int drawn;
    private boolean muted;

    /**
     * @param out where to write
     * @param terminal whether lines may be drawn over
     * @param width columns of the terminal
     */
    Output(PrintStream out, boolean terminal, int width) {
        this.out = out;
        this.terminal = terminal;
        this.width = width;
    }

    /** The process's own; the start script says in system properties whether it is a terminal, and how wide. */
    static Output standard() {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        return new Output(
                out,
                Boolean.getBoolean("natskv.quickstart.terminal"),
                Integer.getInteger("natskv.quickstart.columns", 80));
    }

    boolean terminal() {
        return terminal;
    }

    int width() {
        return width;
    }

    /** A line, below what was drawn. */
    synchronized void line(String text) {
        if (!muted) {
            print(text);
        }
    }

    /** A line of the end: what other threads still have to say is left out from now on. */
    synchronized void lastLine(String text) {
        muted = true;
        print(text);
    }

    private void print(String text) {
        drawn = 0;
        out.print((terminal ? ERASE_LINE : "") + text + "\n");
        out.flush();
    }

    /** Draws lines in the place of those drawn before. */
    synchronized void draw(List<String> lines) {
        if (muted) {
            return;
        }
        StringBuilder text = new StringBuilder(NO_WRAP);
        if (drawn > 0) {
            text.append("\u001b[").append(drawn).append("A");
        }
        lines.forEach(line -> text.append(ERASE_LINE).append(line).append('\n'));
        out.print(text.append(ERASE_BELOW).append(WRAP));
        out.flush();
        drawn = lines.size();
    }

    /** Runs a step, shows that it runs and for how long, and says how long it took. */
    <T> T step(String what, Callable<T> step) {
        long start = System.nanoTime();
        if (!terminal) {
            line(what + " ...");
        }
        ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "quickstart-progress");
            thread.setDaemon(true);
            return thread;
        });
        if (terminal) {
            ticker.scheduleAtFixedRate(() -> progress(what, start), 0, 200, TimeUnit.MILLISECONDS);
        }
        try {
            T result = step.call();
            stop(ticker);
            line((terminal ? what + " ... " : "  ") + "done in " + seconds(start));
            return result;
        } catch (RuntimeException e) {
            stop(ticker);
            line((terminal ? what + " ... " : "  ") + "failed after " + seconds(start));
            throw e;
        } catch (Exception e) {
            stop(ticker);
            throw new IllegalStateException(what + ": " + e.getMessage(), e);
        }
    }

    private synchronized void progress(String what, long start) {
        if (muted) {
            return;
        }
        out.print(ERASE_LINE + what + " ... " + seconds(start));
        out.flush();
    }

    private static void stop(ScheduledExecutorService ticker) {
        ticker.shutdownNow();
        try {
            ticker.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String seconds(long start) {
        long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
}
