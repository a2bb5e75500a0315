package io.natskv.connect.sink.record;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.sink.config.SinkConfig.Tombstone;
import io.natskv.connect.sink.template.Fields;
import io.natskv.core.KvOperation;
import io.natskv.core.connect.KvKafkaHeaders;
import java.util.Locale;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/** Which operation a record asks for. */
final class Operations {
    private Operations() {}

    /** What the source's header says; null without one. */
    static KvOperation ofHeader(SinkRecord record) {
        Header header = record.headers().isEmpty() ? null : record.headers().lastWithName(KvKafkaHeaders.OPERATION);
        return header == null || header.value() == null
                ? null
                : parse(Fields.text(header.value()), "Header " + KvKafkaHeaders.OPERATION);
    }

    static KvOperation parse(String text, String where) {
        return switch (text == null ? "" : text.trim().toUpperCase(Locale.ROOT)) {
            case "PUT" -> KvOperation.PUT;
            case "DELETE", "DEL" -> KvOperation.DELETE;
            case "PURGE" -> KvOperation.PURGE;
            default -> throw new DataException(where + " must be PUT, DELETE or PURGE, not \"" + text + "\"");
        };
    }

    /**
     * The operation; null for a record that is to be ignored.
     *
     * @throws DataException if the record contradicts itself, or has no value where that is an error
     */
    static KvOperation of(RecordContent content, Tombstone tombstone) {
        KvOperation asked = content.operation();
        boolean empty = content.value() == null;
        if (asked == null) {
            return empty ? ofTombstone(tombstone) : KvOperation.PUT;
        }
        if (asked.isMarker() && !empty) {
            throw new DataException(where(content) + " says " + asked
                    + ", but the record has a value. To write the value remove the header by the transform DropHeaders; to "
                    + asked + " the key send a record without value");
        }
        if (!asked.isMarker() && empty) {
            throw new DataException(where(content)
                    + " says PUT, but there is no value; an empty value is no missing one. To delete the key by a header remove that by the "
                    + "transform DropHeaders; an envelope has no value if the source reads metadata only");
        }
        return asked;
    }

    private static String where(RecordContent content) {
        return content.key() == null ? "Header " + KvKafkaHeaders.OPERATION : "The envelope";
    }

    private static KvOperation ofTombstone(Tombstone tombstone) {
        return switch (tombstone) {
            case DELETE -> KvOperation.DELETE;
            case PURGE -> KvOperation.PURGE;
            case IGNORE -> null;
            case FAIL ->
                throw new DataException("The record has no value, and " + SinkConfig.TOMBSTONE_OPERATION + "=fail");
        };
    }
}
