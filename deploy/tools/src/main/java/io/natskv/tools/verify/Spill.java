package io.natskv.tools.verify;

import io.natskv.tools.ToolException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * States of keys, more than fit into memory: written to files by the hash of the key, and read back one file at a time. So memory holds 1/128 of
 * the keys at a time, some 300 bytes for each besides the key itself, and 2 MB of buffers. On disk a state takes 30 bytes and its key. Of several
 * states of a key on one side the last counts. For one thread.
 */
final class Spill implements AutoCloseable {
    private static final int FILES = 128;
    private static final int BUFFER = 16 << 10;
    private static final int PRESENT = 1;
    private static final int UNREADABLE = 2;

    private final Path folder;
    private final int sides;
    private final DataOutputStream[] files = new DataOutputStream[FILES];
    private final Thread cleaner = new Thread(this::end, "nats-kv-clean-up");
    private volatile boolean ending;

    /**
     * @param parent where to make a folder for the files; null for the system's own
     * @param sides how many hold states
     */
    Spill(Path parent, int sides) {
        this.sides = sides;
        // Who interrupts waits until all files are there: while it removes the folder, none must be made.
        synchronized (files) {
            try {
                Runtime.getRuntime().addShutdownHook(cleaner);
            } catch (IllegalStateException e) {
                throw new ToolException("Interrupted", e);
            }
            try {
                folder = parent == null
                        ? Files.createTempDirectory("nats-kv-verify-")
                        : Files.createTempDirectory(Files.createDirectories(parent), "nats-kv-verify-");
                for (int i = 0; i < FILES; i++) {
                    files[i] = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file(i)), BUFFER));
                }
            } catch (IOException e) {
                close();
                throw trouble(e);
            }
        }
    }

    private Path file(int index) {
        return folder.resolve(index + ".states");
    }

    /** Adds a state. */
    void add(int side, String key, State state) {
        int hash = key.hashCode() * 0x9E3779B1;
        DataOutputStream file = files[hash >>> 32 - Integer.numberOfTrailingZeros(FILES)];
        byte[] name = key.getBytes(StandardCharsets.UTF_8);
        try {
            file.writeByte(side);
            file.writeByte((state.present() ? PRESENT : 0) | (state.problem() != null ? UNREADABLE : 0));
            file.writeLong(state.digest());
            file.writeLong(state.version());
            file.writeLong(state.place());
            file.writeInt(name.length);
            file.write(name);
            if (state.problem() != null) {
                file.writeUTF(state.problem());
            }
        } catch (IOException e) {
            throw trouble(e);
        }
    }

    /** Hands over each key with its state on each side, {@link State#NOTHING} where there is none. Ends the adding. */
    void forEach(BiConsumer<String, State[]> consumer) {
        try {
            for (DataOutputStream file : files) {
                file.close();
            }
            for (int i = 0; i < FILES; i++) {
                load(i).forEach(consumer);
                Files.delete(file(i));
            }
        } catch (IOException e) {
            throw trouble(e);
        }
    }

    private Map<String, State[]> load(int index) throws IOException {
        Map<String, State[]> states = new HashMap<>();
        try (InputStream file = Files.newInputStream(file(index));
                DataInputStream in = new DataInputStream(new BufferedInputStream(file, BUFFER))) {
            while (true) {
                int side;
                try {
                    side = in.readByte();
                } catch (EOFException e) {
                    return states;
                }
                int flags = in.readByte();
                long digest = in.readLong();
                long version = in.readLong();
                long place = in.readLong();
                byte[] name = new byte[in.readInt()];
                in.readFully(name);
                String problem = (flags & UNREADABLE) == 0 ? null : in.readUTF();
                states.computeIfAbsent(new String(name, StandardCharsets.UTF_8), key -> nothing())[side] =
                        new State((flags & PRESENT) != 0, digest, version, place, problem);
            }
        }
    }

    private State[] nothing() {
        State[] states = new State[sides];
        Arrays.fill(states, State.NOTHING);
        return states;
    }

    private ToolException trouble(IOException e) {
        if (ending) {
            return new ToolException("Interrupted", e);
        }
        return new ToolException(
                "The states of the keys can't be kept on disk: " + e + ". Give a folder with more room by --work-dir",
                e);
    }

    /** Removes the files. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(cleaner);
        } catch (IllegalStateException e) {
            return; // it is at work
        }
        for (DataOutputStream file : files) {
            try {
                if (file != null) {
                    file.close();
                }
            } catch (IOException e) {
                continue; // on a full disk what is buffered can't be written, and need not
            }
        }
        remove();
    }

    /** The program was interrupted. Who still writes must not fail over it, so nothing is closed. */
    private void end() {
        synchronized (files) {
            ending = true;
            try {
                remove();
            } catch (UncheckedIOException e) {
                System.err.println("nats-kv: Files are left in " + folder);
            }
        }
    }

    private void remove() {
        if (folder == null) {
            return; // it could not be made
        }
        try (Stream<Path> left = Files.list(folder)) {
            for (Path file : left.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
