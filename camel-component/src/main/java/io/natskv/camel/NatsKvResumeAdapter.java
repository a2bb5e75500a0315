package io.natskv.camel;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.camel.resume.Deserializable;
import org.apache.camel.resume.ResumeAdapter;
import org.apache.camel.spi.annotations.JdkService;

/**
 * Holds the positions that a resume strategy has loaded, by bucket and filter. A strategy that stores bytes fills it by
 * {@link #deserialize}, any other one by {@link #setPosition}.
 */
@JdkService(NatsKvResumeAdapter.FACTORY)
public class NatsKvResumeAdapter implements ResumeAdapter, Deserializable {
    /** Under this name Camel finds the adapter of {@code nats-kv} consumers. */
    public static final String FACTORY = "nats-kv-adapter-factory";

    private final Map<String, String> positions = new ConcurrentHashMap<>();

    @Override
    public boolean deserialize(ByteBuffer key, ByteBuffer value) {
        Object name = deserializeKey(key);
        Object position = deserializeValue(value);
        if (name instanceof String text && position instanceof String at) {
            positions.put(text, at);
            return true;
        }
        return false;
    }

    /** Nothing to do: the consumer asks for its position when it starts. */
    @Override
    public void resume() {}

    /** @param key the option {@code offsetKey}, or bucket and filter, as {@code orders/eu.>} */
    public void setPosition(String key, String position) {
        positions.put(key, position);
    }

    public Optional<String> getPosition(String key) {
        return Optional.ofNullable(positions.get(key));
    }
}
