package io.natskv.testing.process;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Kills the processes and deletes the folders that are still there when the JVM ends. */
final class ExitGuard {
    /** One for the JVM: hooks run in any order, and folders can go only after the processes that write to them. */
    private static final ExitGuard INSTANCE = new ExitGuard();

    private final Set<Process> processes = ConcurrentHashMap.newKeySet();
    private final Set<Path> folders = ConcurrentHashMap.newKeySet();

    private ExitGuard() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::cleanUp, "natskv-exit-guard"));
    }

    static ExitGuard instance() {
        return INSTANCE;
    }

    void add(Process process) {
        processes.add(process);
        process.onExit().thenRun(() -> processes.remove(process));
    }

    void add(Path folder) {
        folders.add(folder);
    }

    void remove(Path folder) {
        folders.remove(folder);
    }

    private void cleanUp() {
        processes.forEach(Process::destroyForcibly);
        processes.forEach(p -> p.onExit().join());
        folders.forEach(TempFolder::deleteTree);
    }
}
