package io.natskv.connect.source;

import io.natskv.core.KvEntry;
import io.natskv.core.write.KvWrite.Origin;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Recognises what the sink wrote, by the origin that it stores with each entry. Where two buckets are mirrored in both directions, a change that
 * came from the other side must not go back.
 */
final class LoopPrevention {
    static final LoopPrevention OFF = new LoopPrevention(List.of());

    private final NamePatterns topics;
    private final NamePatterns origins;

    /**
     * @param patterns of the topics whose records have come round; with a colon, of the sink's {@code origin.id}, a colon and a topic: topics
     *     of two Kafka clusters may have the same name. None switches it off
     */
    LoopPrevention(List<String> patterns) {
        Map<Boolean, List<String>> withId =
                patterns.stream().collect(Collectors.partitioningBy(pattern -> pattern.contains(":")));
        this.topics = NamePatterns.caseSensitive(withId.get(false));
        this.origins = NamePatterns.caseSensitive(withId.get(true));
    }

    boolean cameRound(KvEntry entry) {
        return !(topics.isEmpty() && origins.isEmpty())
                && Origin.of(entry)
                        .map(origin -> topics.match(topicOf(origin)) || origins.match(origin.topic()))
                        .orElse(false);
    }

    /** Without the id that the sink's {@code origin.id} puts before it; a topic's name holds no colon. */
    private static String topicOf(Origin origin) {
        return origin.topic().substring(origin.topic().lastIndexOf(':') + 1);
    }
}
