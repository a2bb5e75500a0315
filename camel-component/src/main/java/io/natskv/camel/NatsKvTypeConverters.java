package io.natskv.camel;

import io.natskv.core.KvEntry;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.camel.Converter;

/** The value of an entry, as it is found in histories and batches. A delete or purge has none. */
@Converter(generateLoader = true)
public final class NatsKvTypeConverters {
    private NatsKvTypeConverters() {}

    @Converter(allowNull = true)
    public static byte[] toBytes(KvEntry entry) {
        return entry.operation().isMarker() ? null : entry.value();
    }

    /** The value as UTF-8. */
    @Converter(allowNull = true)
    public static String toText(KvEntry entry) {
        return entry.operation().isMarker() ? null : new String(entry.value(), StandardCharsets.UTF_8);
    }

    @Converter(allowNull = true)
    public static InputStream toInputStream(KvEntry entry) {
        return entry.operation().isMarker() ? null : new ByteArrayInputStream(entry.value());
    }
}
