package io.natskv.plugin;

import com.fasterxml.jackson.databind.JsonNode;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.StreamInfoOptions;
import io.nats.client.api.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The offsets that an exactly-once sink keeps in its bucket, as anybody can read them. */
record StoredOffsets(List<JsonNode> offsets, long lastSequence) {
    static StoredOffsets of(Connection connection, String bucket) throws IOException, JetStreamApiException {
        JetStreamManagement management = connection.jetStreamManagement();
        String stream = "KV_" + bucket;
        var state = management
                .getStreamInfo(stream, StreamInfoOptions.filterSubjects("$KV." + bucket + "=o.>"))
                .getStreamState();
        List<JsonNode> offsets = new ArrayList<>();
        for (Subject subject : state.getSubjects()) {
            offsets.add(Plugin.JSON.readTree(
                    management.getLastMessage(stream, subject.getName()).getData()));
        }
        return new StoredOffsets(offsets, state.getLastSequence());
    }

    /** Records that are stored, if no offset was set from outside. */
    long records() {
        return sum("next");
    }

    /** Messages that are no records: the offset of each batch, and each claim. */
    long messages() {
        return sum("batches") + claims();
    }

    long claims() {
        return sum("epoch");
    }

    private long sum(String field) {
        return offsets.stream()
                .mapToLong(offset -> Math.max(0, offset.get(field).asLong()))
                .sum();
    }
}
