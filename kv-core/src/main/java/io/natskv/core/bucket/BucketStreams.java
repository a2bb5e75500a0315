package io.natskv.core.bucket;

import io.nats.client.api.CompressionOption;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.External;
import io.nats.client.api.Mirror;
import io.nats.client.api.Source;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.nats.client.api.SubjectTransform;
import io.nats.client.support.JsonParser;
import io.nats.client.support.JsonValue;
import io.natskv.core.error.NotAKvBucketException;
import io.natskv.core.key.BucketSubjects;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Between the settings of a bucket and those of the stream behind it (ADR-8, ADR-57). */
final class BucketStreams {
    static final String PREFIX = "KV_";

    private static final Duration DUPLICATE_WINDOW = Duration.ofMinutes(2);

    private BucketStreams() {}

    static String subjectsOf(String bucket) {
        return "$KV." + bucket + ".>";
    }

    static String bucketOf(String stream) {
        return stream.startsWith(PREFIX) ? stream.substring(PREFIX.length()) : stream;
    }

    static StreamConfiguration configuration(BucketConfig config) {
        StreamConfiguration.Builder stream = StreamConfiguration.builder()
                .name(BucketSubjects.streamOf(config.bucket()))
                .description(config.description().isEmpty() ? null : config.description())
                .maxMessagesPerSubject(config.history())
                .maxBytes(config.maxBytes())
                .maximumMessageSize(config.maxValueSize())
                .storageType(config.storage())
                .replicas(config.replicas())
                .placement(config.placement().orElse(null))
                .republish(config.republish().orElse(null))
                .metadata(config.metadata().isEmpty() ? null : config.metadata())
                .discardPolicy(DiscardPolicy.New)
                .allowRollup(true)
                .denyDelete(true)
                .allowDirect(true)
                // The window may not be longer than the bucket keeps anything.
                .duplicateWindow(config.ttl()
                        .filter(ttl -> ttl.compareTo(DUPLICATE_WINDOW) < 0)
                        .orElse(DUPLICATE_WINDOW));
        config.ttl().ifPresent(stream::maxAge);
        config.limitMarkerTtl()
                .ifPresent(ttl -> stream.subjectDeleteMarkerTtl(ttl).allowMessageTtl(true));
        if (config.compression()) {
            stream.compressionOption(CompressionOption.S2);
        }
        if (config.mirror().isPresent()) {
            // A mirror has no subjects of its own.
            Mirror mirror = config.mirror().get();
            stream.mirror(Mirror.builder(mirror)
                            .name(streamName(mirror.getName()))
                            .build())
                    .mirrorDirect(true);
        } else {
            stream.subjects(subjectsOf(config.bucket()))
                    .sources(config.sources().stream()
                            .map(source -> source(config.bucket(), source))
                            .toList());
        }
        return stream.build();
    }

    /** Transforms of the caller's own are left as they are, and so is a stream that is no bucket. */
    private static Source source(String bucket, Source source) {
        if (!source.getSubjectTransforms().isEmpty()) {
            return source;
        }
        Source.Builder named = Source.builder(source).name(streamName(source.getName()));
        String origin = bucketOf(source.getName());
        if (source.getExternal() == null || !origin.equals(bucket)) {
            named.subjectTransforms(SubjectTransform.builder()
                    .source(subjectsOf(origin))
                    .destination(subjectsOf(bucket))
                    .build());
        }
        return named.build();
    }

    private static String streamName(String name) {
        return name.startsWith(PREFIX) ? name : PREFIX + name;
    }

    /**
     * Where the keys of the bucket are read and written. A mirror holds messages under its origin's subjects, and writes to it go to the
     * origin, in whatever domain that is.
     */
    static BucketSubjects subjects(String bucket, StreamInfo info, String apiPrefix) {
        BucketSubjects own = BucketSubjects.of(bucket, apiPrefix);
        Mirror mirror = info.getConfiguration().getMirror();
        if (mirror == null) {
            return own;
        }
        BucketSubjects origin = BucketSubjects.of(bucketOf(mirror.getName()), apiPrefix);
        External external = mirror.getExternal();
        String api = external == null ? null : external.getApi();
        String write = api == null || api.isEmpty() ? origin.writePrefix() : api + "." + origin.readPrefix();
        return new BucketSubjects(bucket, own.stream(), origin.readPrefix(), write);
    }

    /** @throws NotAKvBucketException if the stream can't hold the last value of each key */
    static void checkShape(String bucket, StreamInfo info) {
        StreamConfiguration config = info.getConfiguration();
        if (config.getMaxMsgsPerSubject() < 1) {
            throw new NotAKvBucketException(bucket, "it keeps no last value per subject (max_msgs_per_subject)");
        }
    }

    /** The names of the settings of a bucket in which two streams differ. */
    static List<String> differences(StreamConfiguration wanted, StreamConfiguration found) {
        List<String> names = new ArrayList<>();
        compare(names, "history", wanted.getMaxMsgsPerSubject(), found.getMaxMsgsPerSubject());
        compare(names, "ttl", wanted.getMaxAge(), found.getMaxAge());
        compare(names, "max bytes", wanted.getMaxBytes(), found.getMaxBytes());
        compare(names, "max value size", wanted.getMaximumMessageSize(), found.getMaximumMessageSize());
        compare(names, "storage", wanted.getStorageType(), found.getStorageType());
        compare(names, "replicas", wanted.getReplicas(), found.getReplicas());
        compare(names, "compression", wanted.getCompressionOption(), found.getCompressionOption());
        compare(names, "description", text(wanted.getDescription()), text(found.getDescription()));
        compare(names, "limit markers", wanted.getSubjectDeleteMarkerTtl(), found.getSubjectDeleteMarkerTtl());
        compare(names, "mirror", mirrorOf(wanted), mirrorOf(found));
        compare(names, "sources", sourcesOf(wanted), sourcesOf(found));
        compare(names, "subjects", wanted.getSubjects(), found.getSubjects());
        compare(names, "discard policy", wanted.getDiscardPolicy(), found.getDiscardPolicy());
        compare(names, "direct reads", wanted.getAllowDirect(), found.getAllowDirect());
        return names;
    }

    private static void compare(List<String> names, String name, Object wanted, Object found) {
        if (!Objects.equals(wanted, found)) {
            names.add(name);
        }
    }

    private static String text(String description) {
        return description == null ? "" : description;
    }

    private static String mirrorOf(StreamConfiguration config) {
        return config.getMirror() == null ? "" : config.getMirror().getName();
    }

    private static List<String> sourcesOf(StreamConfiguration config) {
        return config.getSources() == null
                ? List.of()
                : config.getSources().stream().map(Source::getName).sorted().toList();
    }

    /** Settings of a bucket that its stream's configuration leaves out where they are not set. */
    private static final List<String> OPTIONAL =
            List.of("description", "max_age", "placement", "republish", "compression", "sources");

    /**
     * The stream as it is, with the settings of a bucket changed. On the level of JSON: an update from scratch, or through types that are
     * older than the server, would drop what others have set.
     *
     * @return the request of an update
     */
    static String merged(StreamInfo found, StreamConfiguration wanted) {
        Map<String, JsonValue> config = configOf(found);
        Map<String, JsonValue> changes = JsonParser.parseUnchecked(wanted.toJson()).map;
        boolean mirror = config.containsKey("mirror");
        for (String name : OPTIONAL) {
            config.remove(name);
        }
        changes.forEach((name, value) -> {
            if (name.equals("metadata") && config.containsKey(name)) {
                Map<String, JsonValue> metadata = new HashMap<>(config.get(name).map);
                metadata.putAll(value.map);
                config.put(name, new JsonValue(metadata));
            } else if (!name.equals("subjects") && !(mirror && name.equals("mirror"))) {
                config.put(name, value);
            }
        });
        return new JsonValue(config).toJson();
    }

    /** The stream as it is, allowing atomic batches. */
    static String allowingBatches(StreamInfo found) {
        Map<String, JsonValue> config = configOf(found);
        config.put("allow_atomic", new JsonValue(true));
        return new JsonValue(config).toJson();
    }

    /** The stream as it is, with room for offsets beside the keys, allowing atomic batches. */
    static String withOffsets(StreamInfo found, String filter) {
        Map<String, JsonValue> config = configOf(found);
        List<JsonValue> subjects = new ArrayList<>();
        found.getConfiguration().getSubjects().forEach(subject -> subjects.add(new JsonValue(subject)));
        if (!found.getConfiguration().getSubjects().contains(filter)) {
            subjects.add(new JsonValue(filter));
        }
        config.put("subjects", new JsonValue(subjects));
        config.put("allow_atomic", new JsonValue(true));
        return new JsonValue(config).toJson();
    }

    private static Map<String, JsonValue> configOf(StreamInfo info) {
        return new HashMap<>(info.getJv().map.get("config").map);
    }
}
