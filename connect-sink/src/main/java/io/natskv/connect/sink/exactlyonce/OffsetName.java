package io.natskv.connect.sink.exactlyonce;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.apache.kafka.common.TopicPartition;

/**
 * Under which name the offset of a partition is stored: {@code <eos.id>.<topic>.<partition>}, the first two in URL-safe base64, because names of
 * connectors and topics may hold what subjects may not.
 */
public final class OffsetName {
    /** Longer ids are told apart by their hash. */
    static final int LONGEST_ID = 120;

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    /** Not of base64's alphabet without padding: no id can look like a hash. */
    private static final String HASHED = "=";

    private OffsetName() {}

    /** The name for a partition. */
    public static String of(String id, TopicPartition partition) {
        return idToken(id) + "." + encode(partition.topic()) + "." + partition.partition();
    }

    /** What selects the names of all partitions of an id. */
    public static String allOf(String id) {
        return idToken(id) + ".>";
    }

    private static String idToken(String id) {
        return id.length() <= LONGEST_ID ? encode(id) : HASHED + BASE64.encodeToString(sha256(id));
    }

    private static String encode(String text) {
        return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
