package io.natskv.tools.doctor;

import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.natskv.core.bucket.BucketStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What of a bucket's settings a mirror of it can't show. */
final class SourceAdvice {
    private static final String RECONCILE = "reconcile";
    private static final String RECONCILIATION =
            "or have the connector find out by reading the topic: " + RECONCILE + "=on_gap or an interval";

    private SourceAdvice() {}

    static List<Finding> of(Patient patient, BucketStatus bucket) {
        List<Finding> findings = new ArrayList<>();
        String area = "bucket \"" + bucket.bucket() + "\"";
        StreamConfiguration stream = bucket.stream().getConfiguration();
        boolean reconciles = !patient.text(RECONCILE).equals("off");
        boolean markers = isSet(stream.getSubjectDeleteMarkerTtl());
        String expiring = "Its values expire after " + bucket.ttl();
        if (isSet(bucket.ttl()) && !markers) {
            String lost = expiring + " without a marker: the topic keeps what the bucket has forgotten";
            findings.add(
                    reconciles
                            ? Finding.note(area, lost + " until the next reconciliation (" + RECONCILE + ")")
                            : Finding.warning(
                                    area,
                                    RECONCILE,
                                    lost + ". Have the server write markers (2.11 or later): nats stream edit "
                                            + stream.getName()
                                            + " --allow-msg-ttl --subject-del-markers-ttl=24h, " + RECONCILIATION));
        } else if (markers && !reconciles) {
            findings.add(Finding.note(
                    area,
                    "Markers of expired keys stay " + stream.getSubjectDeleteMarkerTtl()
                            + ": if the connector is away for longer, the topic keeps those keys, unless " + RECONCILE
                            + " is on"));
        } else if (!reconciles) {
            findings.add(Finding.note(
                    area,
                    "Whoever purges its delete markers while the connector is away leaves those keys in the topic,"
                            + " unless "
                            + RECONCILE + " is on"));
        }
        limits(findings, area, stream, reconciles);
        if (bucket.history() == 1) {
            findings.add(
                    patient.text("start.mode").equals("history")
                                    || patient.text("envelope.previous").equals("true")
                            ? Finding.warning(
                                    area,
                                    patient.text("envelope.previous").equals("true")
                                            ? "envelope.previous"
                                            : "start.mode",
                                    "It keeps only the last revision of each key: there is no history to read. nats"
                                            + " stream edit "
                                            + stream.getName() + " --max-msgs-per-subject=10")
                            : Finding.note(
                                    area,
                                    "It keeps only the last revision of each key: of changes to a key that follow each"
                                            + " other while the connector is away the topic gets the last"));
        }
        safety(findings, area, stream);
        if (stream.getMaxConsumers() > 0) {
            findings.add(Finding.note(
                    area,
                    "It takes " + stream.getMaxConsumers()
                            + " consumers at most; the connector has one for each filter, and another for a"
                            + " moment when it reads anew"));
        }
        return findings;
    }

    private static void limits(List<Finding> findings, String area, StreamConfiguration stream, boolean reconciles) {
        boolean limited = stream.getMaxBytes() > 0 || stream.getMaxMsgs() > 0;
        if (limited && stream.getDiscardPolicy() == DiscardPolicy.Old) {
            String lost = "It drops its oldest keys without a word when it is full (discard: old)";
            findings.add(
                    reconciles
                            ? Finding.note(area, lost + ": the topic keeps them until the next reconciliation")
                            : Finding.warning(
                                    area,
                                    RECONCILE,
                                    lost + ": the topic keeps them. A bucket refuses writes instead: nats stream edit "
                                            + stream.getName() + " --discard=new, " + RECONCILIATION));
        }
    }

    /** What concerns every bucket. */
    static void safety(List<Finding> findings, String area, StreamConfiguration stream) {
        if (stream.getStorageType() == StorageType.Memory) {
            findings.add(Finding.warning(
                    area,
                    null,
                    "It is kept in memory: it is empty after a restart of "
                            + (stream.getReplicas() > 1 ? "all its servers" : "its server")
                            + ". Make it with file storage, unless it may be lost"));
        }
        if (stream.getReplicas() == 1) {
            findings.add(Finding.note(
                    area,
                    "It has one replica: while its server is away nothing can be read or written, and what that loses"
                            + " is lost. On a cluster: nats stream edit " + stream.getName() + " --replicas=3"));
        }
    }

    static boolean isSet(Duration duration) {
        return duration != null && !duration.isZero();
    }
}
