package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.write.KvWrite.Origin;
import java.util.List;

/**
 * Recognises what the sink wrote, by the origin that it stores with each entry. Where two buckets are mirrored in both directions, a change that
 * came from the other side must not go back.
 */
final class LoopPrevention {
    static final LoopPrevention OFF = new LoopPrevention(new NamePatterns(List.of()));

    private final NamePatterns topics;

    /** @param topics whose records have come round; none switches it off */
    LoopPrevention(NamePatterns topics) {
        this.topics = topics;
    }

    boolean cameRound(KvEntry entry) {
        return !topics.isEmpty()
                && Origin.of(entry).map(origin -> topics.match(topicOf(origin))).orElse(false);
    }

    /** Without the id that the sink's {@code origin.id} puts before it; a topic's name holds no colon. */
    private static String topicOf(Origin origin) {
        return origin.topic().substring(origin.topic().lastIndexOf(':') + 1);
    }
}
