package io.natskv.tools.doctor;

import io.nats.client.api.StreamConfiguration;
import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.delivery.BucketOpener;
import io.natskv.connect.sink.exactlyonce.ExactlyOnceConfig;
import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.bucket.OffsetSpace;
import io.natskv.core.key.BucketSubjects;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a sink meets in a bucket, and what it changes for the bucket's other users. */
final class SinkAdvice {
    private static final int NEARLY_FULL = 90;

    private SinkAdvice() {}

    static List<Finding> of(Patient patient, BucketStatus bucket, BucketSubjects subjects) {
        List<Finding> findings = new ArrayList<>();
        String area = "bucket \"" + bucket.bucket() + "\"";
        StreamConfiguration stream = bucket.stream().getConfiguration();
        SinkConfig config = patient.sink();
        if (config != null) {
            List<String> differences = new BucketOpener(config).differences(stream);
            if (!differences.isEmpty()) {
                findings.add(Finding.warning(
                        area,
                        "bucket.create",
                        "It is not as asked for: " + String.join(", ", differences)
                                + ". It stays as it is: change it (nats stream edit " + stream.getName()
                                + "), or the settings"));
            }
        }
        if (SourceAdvice.isSet(bucket.ttl())) {
            findings.add(Finding.note(area, "What is written expires after " + bucket.ttl()));
        }
        size(findings, area, bucket, patient);
        SourceAdvice.safety(findings, area, stream);
        if (patient.isExactlyOnceSink()) {
            exactlyOnce(findings, area, bucket, subjects);
        }
        return findings;
    }

    private static void size(List<Finding> findings, String area, BucketStatus bucket, Patient patient) {
        long limit = bucket.stream().getConfiguration().getMaxBytes();
        if (limit <= 0) {
            return;
        }
        long used = bucket.bytes() * 100 / limit;
        String text = String.format(
                Locale.ROOT,
                "It is full at %,d bytes (%d %% used): then nothing can be written, not even a delete",
                limit,
                used);
        if (patient.isExactlyOnceSink()) {
            text += "; a batch needs all its bytes free, up to " + ExactlyOnceConfig.BATCH_MAX_BYTES + "="
                    + patient.text(ExactlyOnceConfig.BATCH_MAX_BYTES) + ", also where it replaces what is there";
        }
        findings.add(
                used >= NEARLY_FULL
                        ? Finding.warning(area, null, text + ". Raise max_bytes, or purge what is not needed")
                        : Finding.note(area, text));
    }

    private static void exactlyOnce(List<Finding> findings, String area, BucketStatus bucket, BucketSubjects subjects) {
        String stream = subjects.stream();
        if (OffsetSpace.hasRoom(subjects, bucket.stream())) {
            findings.add(Finding.ok(area, "It has room for the offsets of exactly-once delivery"));
        } else {
            findings.add(Finding.note(
                    area,
                    "Exactly once, the connector adds the subject " + subjects.offsetsFilter()
                            + " to stream " + stream
                            + " and sets allow_atomic. Its user needs $JS.API.STREAM.UPDATE." + stream
                            + " for that, or somebody runs: nats stream edit " + stream + " --subjects '"
                            + String.join(
                                    ",", bucket.stream().getConfiguration().getSubjects()) + ","
                            + subjects.offsetsFilter() + "' --allow-batch"));
        }
        findings.add(Finding.note(
                area,
                "What its other users see of exactly-once delivery: a create of the bucket that expects it to be there"
                        + " with the same settings fails with 10058; consumers, mirrors and sources of the stream without"
                        + " a filter get the offset messages too (KV watches don't); the number of messages in the stream"
                        + " counts one for each partition; a purge of the whole stream removes the offsets"));
    }
}
