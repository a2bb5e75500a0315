package io.natskv.tools.doctor;

import io.nats.client.api.ServerInfo;
import io.natskv.core.bucket.BucketStatus;
import io.natskv.core.bucket.KvBucket;
import io.natskv.core.bucket.KvBuckets;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connection.JetStreamApi.ServerLevel;
import io.natskv.core.connection.KvConnection;
import io.natskv.core.error.BucketNotFoundException;
import io.natskv.core.error.KvErrors;
import io.natskv.core.error.KvException;
import io.natskv.tools.SettingsFile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Looks at server and buckets with the connection of the connector; changes nothing. */
final class NatsLook {
    private static final String AREA = "NATS";

    private final Patient patient;
    private final List<Finding> findings = new ArrayList<>();
    private final Map<String, BucketStatus> buckets = new LinkedHashMap<>();
    private long maxPayload;

    NatsLook(Patient patient) {
        this.patient = patient;
    }

    /** The buckets that could be looked at. */
    Map<String, BucketStatus> buckets() {
        return buckets;
    }

    /** The largest message that the server takes; 0 if it is not known. */
    long maxPayload() {
        return maxPayload;
    }

    List<Finding> run() {
        if (!patient.reachesNats()) {
            return findings; // the connector has said why
        }
        List<String> unknown = SettingsFile.unresolved(patient.settings()).stream()
                .filter(name -> name.startsWith("nats."))
                .toList();
        if (!unknown.isEmpty()) {
            findings.add(Finding.note(
                    AREA,
                    "Server and buckets were not looked at: " + String.join(", ", unknown)
                            + " comes from a config provider that only the worker has. Try it with a copy of the"
                            + " configuration that takes it from the environment, as ${env:NAME}, or from a file"));
            return findings;
        }
        try (KvConnection connection = KvConnection.open(ConnectionSettings.of(patient.settings(), "nats-kv doctor"))) {
            server(connection);
            for (String bucket : patient.buckets()) {
                look(connection, bucket);
            }
            if (patient.buckets().isEmpty()) {
                findings.add(Finding.note(
                        AREA,
                        "No bucket was looked at: the configuration does not name them, but finds them by a pattern or"
                                + " by what is in a record. Try it with "
                                + (patient.isSource() ? "kv.buckets" : "bucket.template") + " set to one of them"));
            }
        } catch (KvException e) {
            findings.add(Finding.error(AREA, ConnectionSettings.SERVERS, e.getMessage()));
        }
        return findings;
    }

    private void server(KvConnection connection) {
        ServerInfo info = connection.nats().getServerInfo();
        maxPayload = info.getMaxPayload();
        ServerLevel level = await(connection.api().serverLevel(), "JetStream account info");
        findings.add(Finding.ok(
                AREA,
                "Connected to " + connection.servers() + ", server " + level.version() + ", JetStream API level "
                        + level.apiLevel() + ", messages up to " + maxPayload + " bytes"
                        + (isEncrypted() ? ", TLS" : ", no TLS")));
        if (!isEncrypted() && info.isAuthRequired() && !isLocal(connection.servers())) {
            findings.add(Finding.warning(
                    AREA,
                    ConnectionSettings.SERVERS,
                    "Credentials and values go over the network as they are: use tls:// and a server with TLS"));
        }
        if (level.apiLevel() == 0) {
            findings.add(Finding.note(
                    AREA,
                    "Below server 2.11 there are no limit markers and no time to live of single keys, below"
                            + " 2.12 no exactly-once delivery"));
        }
    }

    private boolean isEncrypted() {
        return patient.settings().keySet().stream().anyMatch(name -> name.startsWith("nats.tls."))
                || patient.text(ConnectionSettings.SERVERS).contains("tls://")
                || patient.text(ConnectionSettings.SERVERS).contains("wss://");
    }

    private static boolean isLocal(String servers) {
        return servers.contains("127.0.0.1") || servers.contains("localhost") || servers.contains("[::1]");
    }

    private void look(KvConnection connection, String name) {
        String area = "bucket \"" + name + "\"";
        try {
            KvBucket bucket = await(new KvBuckets(connection).openAsync(name), name);
            BucketStatus status = await(bucket.statusAsync(), name);
            buckets.put(name, status);
            findings.add(Finding.ok(
                    area,
                    "It is there: " + status.values() + " revisions up to " + status.lastRevision() + ", history "
                            + status.history() + ", TTL "
                            + (SourceAdvice.isSet(status.ttl()) ? status.ttl() : "none")));
            if (patient.isSource()) {
                findings.addAll(SourceAdvice.of(patient, status));
            } else {
                findings.addAll(SinkAdvice.of(patient, status, bucket.subjects()));
                permissions(connection, bucket, status, area);
            }
        } catch (BucketNotFoundException e) {
            if (!patient.isSource() && patient.text("bucket.create").equals("true")) {
                findings.add(Finding.note(area, "It is not there; the connector makes it (bucket.create)"));
            }
            // else the connector has said so
        } catch (KvException e) {
            findings.add(Finding.error(area, null, e.getMessage()));
        }
    }

    private void permissions(KvConnection connection, KvBucket bucket, BucketStatus status, String area) {
        int before = findings.size();
        WriteProbe probe = new WriteProbe(connection);
        String setting = ConnectionSettings.authenticationSetting(patient.settings());
        probe.keys(bucket.subjects())
                .ifPresent(refusal -> findings.add(Finding.warning(
                        area,
                        setting,
                        refusal.getMessage() + ". Permit " + bucket.subjects().writeSubject(">")
                                + ", unless the user is meant to write single keys only")));
        if (patient.isExactlyOnceSink()) {
            probe.offsets(bucket.subjects())
                    .ifPresent(refusal -> findings.add(Finding.error(
                            area,
                            setting,
                            refusal.getMessage() + ". Exactly once needs "
                                    + bucket.subjects().offsetsWriteSubject(">"))));
            probe.offsetsRead(bucket.subjects())
                    .ifPresent(refusal -> findings.add(Finding.error(
                            area,
                            setting,
                            refusal.getMessage() + ". Exactly once needs $JS.API.STREAM.MSG.GET."
                                    + bucket.subjects().stream())));
        }
        if (findings.size() == before) {
            findings.add(Finding.ok(
                    area, "The user may write its keys" + (patient.isExactlyOnceSink() ? " and offsets" : "")));
        }
    }

    private static <T> T await(CompletableFuture<T> future, String what) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw KvErrors.translate(e, what);
        }
    }
}
