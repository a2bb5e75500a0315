package io.natskv.camel;

import io.natskv.core.watch.WatchPosition;
import io.natskv.core.watch.WatchPosition.Anchor;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;

/**
 * A position as a text: {@code 1|created|revision|snapshot end|history}, then {@code |revision,created,key} for each anchor. The created time
 * and the anchors identify the bucket. Keys have none of these separators.
 */
final class PositionCodec {
    private static final String FORMAT = "1";

    private PositionCodec() {}

    static String write(WatchPosition position) {
        StringBuilder text = new StringBuilder(FORMAT)
                .append('|')
                .append(position.created() == null ? "" : position.created())
                .append('|')
                .append(position.revision())
                .append('|')
                .append(position.snapshotEnd())
                .append('|')
                .append(position.history());
        for (Anchor anchor : position.anchors()) {
            text.append('|')
                    .append(anchor.revision())
                    .append(',')
                    .append(anchor.created())
                    .append(',')
                    .append(anchor.key());
        }
        return text.toString();
    }

    /** @throws IllegalArgumentException if it is none */
    static WatchPosition read(String text) {
        String[] parts = text.split("\\|", -1);
        if (parts.length < 5 || !parts[0].equals(FORMAT)) {
            throw new IllegalArgumentException("\"" + text + "\" is no position of a bucket");
        }
        try {
            List<Anchor> anchors = new ArrayList<>();
            for (int i = 5; i < parts.length; i++) {
                String[] anchor = parts[i].split(",", 3);
                anchors.add(new Anchor(Long.parseLong(anchor[0]), anchor[2], Instant.parse(anchor[1])));
            }
            return new WatchPosition(
                    parts[1].isEmpty() ? null : Instant.parse(parts[1]),
                    Long.parseLong(parts[2]),
                    Long.parseLong(parts[3]),
                    Boolean.parseBoolean(parts[4]),
                    anchors);
        } catch (NumberFormatException | DateTimeParseException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no position of a bucket", e);
        }
    }
}
