package io.natskv.testing.process;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Hands out ports of 127.0.0.1 on which nobody listens.
 *
 * <p>They lie below the range from which systems take the ports of outgoing connections, so a server that is down for a
 * while finds its port free again. A port is handed out once in a JVM; JVMs of one user know of each other's ports by
 * locks on a file in the temporary folder. Other programs don't: a caller must be ready for "address in use".
 */
public final class FreePorts {
    private static final int FIRST = 15_000;
    private static final int END = 32_000;
    private static final int ATTEMPTS = 2_000;

    /** What this JVM handed out; one set for all users, else two of them could get the same port. */
    private static final Set<Integer> TAKEN = ConcurrentHashMap.newKeySet();

    /** Open as long as the JVM lives: the system drops a process's locks when it closes the file. */
    private static final FileChannel LOCKS = openLocks();

    private FreePorts() {}

    /**
     * A free port.
     *
     * @throws IllegalStateException if none was found
     */
    public static int next() {
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            if (TAKEN.add(port) && lock(port) && isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port between " + FIRST + " and " + END + " on 127.0.0.1");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(Sockets.loopback(), port));
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean lock(int port) {
        if (LOCKS == null) {
            return true;
        }
        try {
            FileLock lock = LOCKS.tryLock(port, 1, false);
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static FileChannel openLocks() {
        try {
            Path file = Path.of(
                    System.getProperty("java.io.tmpdir"), "natskv-ports-" + System.getProperty("user.name") + ".lock");
            Files.createDirectories(file.getParent());
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            // Without it the check by bind remains.
            return null;
        }
    }
}
