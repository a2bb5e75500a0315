package io.natskv.core.write;

import io.nats.client.JetStreamApiException;
import io.nats.client.Message;
import io.nats.client.api.PublishAck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads acknowledgements of one stream. They are all the same but for the sequence at the end, {@code {"stream":"KV_b", "seq":17}}: what
 * the first one begins with is kept, and where another begins so, only the number is read. For one thread.
 */
final class Acks {
    private static final byte[] NONE = new byte[0];
    private static final String SEQUENCE = "\"seq\":";

    private byte[] beginning = NONE;

    /**
     * The revision of a stored write.
     *
     * @throws JetStreamApiException if it was refused
     * @throws IOException if it is no acknowledgement
     */
    long revision(Message reply) throws JetStreamApiException, IOException {
        byte[] data = reply.getData();
        if (beginning.length > 0 && startsWith(data, beginning)) {
            long revision = number(data, beginning.length);
            if (revision > 0) {
                return revision;
            }
        }
        long revision = new PublishAck(reply).getSeqno();
        learn(data, revision);
        return revision;
    }

    private static boolean startsWith(byte[] data, byte[] beginning) {
        return data.length > beginning.length
                && Arrays.equals(data, 0, beginning.length, beginning, 0, beginning.length);
    }

    /** The number that is all that is left but for the closing brace; 0 if something else is. */
    private static long number(byte[] data, int from) {
        int end = data.length - 1;
        if (end - from < 1 || end - from > 18 || data[end] != '}') {
            return 0;
        }
        long number = 0;
        for (int i = from; i < end; i++) {
            int digit = data[i] - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    private void learn(byte[] data, long revision) {
        String text = new String(data, StandardCharsets.UTF_8);
        int sequence = text.lastIndexOf(SEQUENCE + revision + "}");
        beginning = sequence < 0
                ? NONE
                : text.substring(0, sequence + SEQUENCE.length()).getBytes(StandardCharsets.UTF_8);
    }
}
