package io.natskv.core.key;

import java.util.Objects;

/**
 * Where a bucket lives: its stream, and the subjects on which its keys are read and written (ADR-8).
 *
 * @param bucket the bucket's name
 * @param stream the name of the stream behind it
 * @param readPrefix what stands before the key in stored messages, for example {@code $KV.b.}
 * @param writePrefix what a client publishes to before the key; differs from the read prefix through a JetStream domain or API
 *     prefix, and for mirrors
 */
public record BucketSubjects(String bucket, String stream, String readPrefix, String writePrefix) {
    private static final String KV = "$KV.";
    private static final String OFFSETS = "=o.";

    public BucketSubjects {
        Objects.requireNonNull(readPrefix, "readPrefix");
        Objects.requireNonNull(writePrefix, "writePrefix");
    }

    /**
     * The subjects of a bucket that is no mirror.
     *
     * @param apiPrefix prefix of the JetStream API with its dot at the end, {@code $JS.API.} when neither domain nor prefix is set
     */
    public static BucketSubjects of(String bucket, String apiPrefix) {
        KvNames.checkBucket(bucket);
        String plain = KV + bucket + ".";
        boolean standard = apiPrefix.equals("$JS.API.");
        return new BucketSubjects(bucket, streamOf(bucket), plain, standard ? plain : apiPrefix + plain);
    }

    /** The name of the stream behind a bucket. */
    public static String streamOf(String bucket) {
        return "KV_" + bucket;
    }

    /** The subject under which a key's messages are stored. */
    public String readSubject(String keyOrFilter) {
        return readPrefix + keyOrFilter;
    }

    /** The subject to publish a key to. */
    public String writeSubject(String key) {
        return writePrefix + key;
    }

    /**
     * The filter of the second subject space that a bucket's stream may have: offsets of a writer, stored together with what it writes.
     * {@code =} is illegal in the names of buckets, so no other bucket's keys can lie there; and it begins with {@code $KV.}, so that
     * domains and leafnodes map it as they do the keys.
     */
    public String offsetsFilter() {
        return offsetsReadSubject(">");
    }

    /** The subject under which offsets are stored. */
    public String offsetsReadSubject(String name) {
        return readPrefix.substring(0, readPrefix.length() - 1) + OFFSETS + name;
    }

    /** The subject to publish offsets to. */
    public String offsetsWriteSubject(String name) {
        return writePrefix.substring(0, writePrefix.length() - 1) + OFFSETS + name;
    }

    /**
     * The key of a stored message.
     *
     * @throws IllegalArgumentException if the subject is none of this bucket's
     */
    public String keyOf(String subject) {
        if (!subject.startsWith(readPrefix)) {
            throw new IllegalArgumentException("Subject " + subject + " does not belong to bucket " + bucket);
        }
        return subject.substring(readPrefix.length());
    }
}
