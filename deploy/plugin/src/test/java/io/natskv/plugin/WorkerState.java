package io.natskv.plugin;

import io.natskv.testing.kafka.ConnectRestException;
import io.natskv.testing.kafka.ConnectWorker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What a worker is doing, for whoever has to find out why a test waited in vain: states, committed offsets and threads of its connectors. */
final class WorkerState {
    private WorkerState() {}

    static String describe(ConnectWorker worker) {
        StringBuilder text = new StringBuilder();
        try {
            for (String connector : worker.rest().connectors()) {
                text.append(worker.rest().status(connector).describe())
                        .append("\noffsets: ")
                        .append(worker.rest().offsets(connector))
                        .append('\n');
            }
        } catch (ConnectRestException e) {
            text.append(e).append('\n');
        }
        return text.append(threads(worker)).toString();
    }

    /** The threads of the tasks and of their connections. */
    private static String threads(ConnectWorker worker) {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            Process process = new ProcessBuilder(jcmd.toString(), Long.toString(worker.pid()), "Thread.print")
                    .redirectErrorStream(true)
                    .start();
            String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Arrays.stream(all.split("\n\n"))
                    .filter(thread -> thread.contains("natskv") || thread.contains("\"task-thread-"))
                    .collect(Collectors.joining("\n\n"));
        } catch (IOException e) {
            return "threads: " + e;
        }
    }
}
