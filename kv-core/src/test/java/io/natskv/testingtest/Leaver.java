package io.natskv.testingtest;

import io.natskv.testing.process.ManagedProcess;
import io.natskv.testing.process.TempFolder;
import java.util.concurrent.CountDownLatch;

/** A program that starts a process, prints its id and a temporary folder, and waits to be ended. */
final class Leaver {
    private Leaver() {}

    public static void main(String[] args) throws InterruptedException {
        TempFolder folder = TempFolder.create("leaver");
        ManagedProcess process = ManagedProcess.builder("sleeper", "sleep", "600")
                .logFile(folder.path().resolve("log"))
                .launch();
        System.out.println(process.pid());
        System.out.println(folder.path());
        new CountDownLatch(1).await();
    }
}
