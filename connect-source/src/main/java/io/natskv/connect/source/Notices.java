package io.natskv.connect.source;

import io.natskv.core.watch.WatchPosition;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Heartbeats and notifications of one watch. They are records with the watch's offset, so they come when it has a position. For the task's
 * thread.
 */
final class Notices {
    private final Assignment assignment;
    private final Map<String, String> sourcePartition;
    private final ControlRecords records;
    private final String heartbeatTopic;
    private final Duration heartbeatInterval;
    private final String notificationTopic;
    private final Queue<Map<String, String>> due = new ArrayDeque<>();
    private boolean beaten;
    private long lastBeat;

    Notices(
            Assignment assignment,
            Map<String, String> sourcePartition,
            ControlRecords records,
            LivenessSettings settings) {
        this.assignment = assignment;
        this.sourcePartition = sourcePartition;
        this.records = records;
        this.heartbeatTopic = settings.heartbeatTopic().orElse(null);
        this.heartbeatInterval = settings.heartbeatInterval();
        this.notificationTopic = settings.notificationTopic().orElse(null);
    }

    /**
     * Something happened.
     *
     * @param details names and texts in turn; null texts are left out
     */
    void tell(String type, String... details) {
        if (notificationTopic != null) {
            Map<String, String> texts = new LinkedHashMap<>();
            texts.put("type", type);
            for (int i = 0; i < details.length; i += 2) {
                if (details[i + 1] != null) {
                    texts.put(details[i], details[i + 1]);
                }
            }
            due.add(texts);
        }
    }

    /** The next heartbeat is due at once: there is an offset that should be stored. */
    void beatSoon() {
        beaten = false;
    }

    /**
     * Adds what is due.
     *
     * @param position where the watch is
     * @param state what it is doing, for the heartbeat
     */
    void addTo(RecordBatch batch, WatchPosition position, OffsetMarks marks, String state, long now) {
        while (!due.isEmpty()) {
            batch.add(List.of(record(notificationTopic, position, marks, due.remove())), 0);
        }
        if (heartbeatTopic != null && (!beaten || now - lastBeat >= heartbeatInterval.toNanos())) {
            beaten = true;
            lastBeat = now;
            batch.add(List.of(record(heartbeatTopic, position, marks, Map.of("type", "heartbeat", "state", state))), 0);
        }
    }

    private SourceRecord record(String topic, WatchPosition position, OffsetMarks marks, Map<String, String> texts) {
        return records.record(
                topic, assignment, sourcePartition, SourceOffsets.encode(position, marks), position.revision(), texts);
    }
}
