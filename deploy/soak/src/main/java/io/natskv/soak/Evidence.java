package io.natskv.soak;

import io.natskv.soak.model.Ack;
import io.natskv.soak.model.History;
import io.natskv.soak.model.TopicEntry;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the model was fed with, as lines: what the servers themselves have forgotten by the end of a run can't be looked up in their data. Fields are
 * separated by tabs; the first line names them. Values are told by length and checksum.
 */
final class Evidence {
    private final Origin origin;
    private final List<Mirror> mirrors;

    Evidence(Origin origin, List<Mirror> mirrors) {
        this.origin = origin;
        this.mirrors = List.copyOf(mirrors);
    }

    /** Writes files into a folder that is there. */
    void write(Path folder) throws IOException {
        write(folder.resolve("bucket.tsv"), History.FIELDS, origin.history()::tell);
        write(folder.resolve("writes.tsv"), Ack.FIELDS, lines -> {
            for (Ack write : origin.traffic().writes()) {
                lines.accept(write.fields());
            }
        });
        for (Mirror mirror : mirrors) {
            String name = mirror.form().name();
            write(folder.resolve("topic-" + name + ".tsv"), TopicEntry.FIELDS, lines -> {
                for (TopicEntry entry : mirror.topic().known()) {
                    lines.accept(entry.fields());
                }
            });
            write(folder.resolve("copy-" + name + ".tsv"), History.FIELDS, mirror.history()::tell);
        }
    }

    private static void write(Path file, String fields, Consumer<Consumer<String>> content) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file);
                PrintWriter lines = new PrintWriter(out)) {
            lines.println(fields);
            content.accept(lines::println);
            if (lines.checkError()) {
                throw new IOException(file + " can't be written");
            }
        }
    }
}
