package io.natskv.testing.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Kills the processes and deletes the folders that are still there when the JVM ends. */
final class ExitGuard {
    /** One for the JVM: hooks run in any order, and folders can go only after the processes that write to them. */
    private static final ExitGuard INSTANCE = new ExitGuard();

    private final Set<Process> processes = ConcurrentHashMap.newKeySet();
    private final Set<Path> folders = ConcurrentHashMap.newKeySet();
    private boolean ending;

    private ExitGuard() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::cleanUp, "natskv-exit-guard"));
    }

    static ExitGuard instance() {
        return INSTANCE;
    }

    /**
     * Starts a process.
     *
     * @throws IOException if it can't be started, or the JVM is ending: nobody would be there to kill it
     */
    synchronized Process start(ProcessBuilder builder) throws IOException {
        checkNotEnding();
        Process process = builder.start();
        processes.add(process);
        process.onExit().thenRun(() -> processes.remove(process));
        return process;
    }

    /**
     * Creates a folder in the system's temporary folder.
     *
     * @throws IOException if it can't be created, or the JVM is ending
     */
    synchronized Path createFolder(String prefix) throws IOException {
        checkNotEnding();
        Path folder = Files.createTempDirectory(prefix);
        folders.add(folder);
        return folder;
    }

    void remove(Path folder) {
        folders.remove(folder);
    }

    private void checkNotEnding() throws IOException {
        if (ending) {
            throw new IOException("this JVM is ending");
        }
    }

    private void cleanUp() {
        // Other threads go on while hooks run: what they would start from now on is refused.
        synchronized (this) {
            ending = true;
        }
        processes.forEach(Process::destroyForcibly);
        processes.forEach(p -> p.onExit().join());
        folders.forEach(TempFolder::deleteTree);
    }
}
