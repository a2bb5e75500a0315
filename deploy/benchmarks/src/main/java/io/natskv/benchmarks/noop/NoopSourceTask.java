package io.natskv.benchmarks.noop;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Makes up a number of records, as many a poll as it may, and then none. */
public final class NoopSourceTask extends SourceTask {
    private static final long IDLE_NANOS = 100_000_000;
    private static final int VALUES = 64;

    private final Map<String, String> partition = Map.of("bucket", "noop");
    private final byte[][] values = new byte[VALUES][];
    private String topic;
    private String[] keys;
    private int records;
    private int batch;
    private int done;

    @Override
    public String version() {
        return "1";
    }

    @Override
    public void start(Map<String, String> props) {
        topic = props.get("noop.topic");
        records = Integer.parseInt(props.get("noop.records"));
        batch = Integer.parseInt(props.get("batch.max.records"));
        Random random = new Random(1);
        for (int i = 0; i < VALUES; i++) {
            values[i] = new byte[Integer.parseInt(props.get("noop.value.bytes"))];
            random.nextBytes(values[i]);
        }
        keys = new String[records];
        for (int i = 0; i < records; i++) {
            keys[i] = "orders.eu-west." + Integer.toString(100_000_000 + i).substring(1);
        }
    }

    @Override
    public List<SourceRecord> poll() {
        int count = Math.min(batch, records - done);
        if (count == 0) {
            LockSupport.parkNanos(IDLE_NANOS);
            return null;
        }
        // Of the same length each time; what it costs to format a time is not the worker's.
        Instant now = Instant.ofEpochSecond(Instant.now().getEpochSecond(), 123_456_789);
        String created = now.toString();
        List<SourceRecord> made = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            made.add(record(done++, now.toEpochMilli(), created));
        }
        return made;
    }

    private SourceRecord record(int number, long timestamp, String created) {
        long revision = number + 1L;
        ConnectHeaders headers = new ConnectHeaders();
        headers.addString("nats.kv.bucket", "mirror");
        headers.addString("nats.kv.operation", "PUT");
        headers.addLong("nats.kv.revision", revision);
        headers.addString("nats.kv.created", created);
        headers.addLong("nats.kv.delta", records - revision);
        return new SourceRecord(
                partition,
                Map.of("revision", revision),
                topic,
                null,
                Schema.STRING_SCHEMA,
                keys[number],
                Schema.OPTIONAL_BYTES_SCHEMA,
                values[number % VALUES],
                timestamp,
                headers);
    }

    @Override
    public void stop() {
        // nothing is held
    }
}
