package io.natskv.tools.verify;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.key.KeyCodec;
import io.natskv.tools.ToolException;
import io.natskv.tools.verify.RecordFormat.Compare;
import io.natskv.tools.verify.RecordFormat.Converter;
import io.natskv.tools.verify.RecordFormat.Key;
import io.natskv.tools.verify.RecordFormat.Value;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** How keys and values are written. What is not typed comes from the connector's configuration, if there is one. */
final class FormatOptions {
    @Option(
            names = "--record-key",
            paramLabel = "MODE",
            description = "The source's record.key: ${COMPLETION-CANDIDATES} (key).")
    private Key key;

    @Option(
            names = "--record-value",
            paramLabel = "MODE",
            description = "The source's record.value: ${COMPLETION-CANDIDATES} (bytes). With json the order of fields,"
                    + " blanks and the spelling of numbers do not count. auto: what the sink makes of JSON.")
    private Value value;

    @Option(
            names = "--envelope-value",
            paramLabel = "MODE",
            description = "The source's envelope.value: bytes, string (bytes).")
    private Value envelopeValue;

    @Option(
            names = "--key-converter",
            paramLabel = "KIND",
            description = "plain: StringConverter; json: JsonConverter. By default what the mode needs.")
    private Converter keyConverter;

    @Option(
            names = "--value-converter",
            paramLabel = "KIND",
            description = "plain: StringConverter or ByteArrayConverter; json: JsonConverter. By default what the mode"
                    + " needs.")
    private Converter valueConverter;

    @Option(names = "--schemas", description = "JsonConverter wrote schemas, too (schemas.enable=true).")
    private Boolean schemas;

    @Option(
            names = "--key-codec",
            paramLabel = "CODEC",
            description = "How the bucket's keys are encoded against those of topic and copy: ${COMPLETION-CANDIDATES}"
                    + " (none).")
    private Codec codec;

    @Option(
            names = "--compare",
            paramLabel = "WHAT",
            defaultValue = "value",
            description =
                    "value: contents; revision: only the revision in the record's header, or in a bucket that a sink"
                            + " made the record that an entry says it comes from; for values in a format that is not"
                            + " listed here (value).")
    private Compare compare;

    /** The codecs of keys. */
    enum Codec {
        none(KeyCodec.NONE),
        base64(KeyCodec.BASE64),
        path(KeyCodec.PATH);

        private final KeyCodec codec;

        Codec(KeyCodec codec) {
            this.codec = codec;
        }

        KeyCodec codec() {
            return codec;
        }
    }

    /**
     * What was typed over what a connector's configuration says.
     *
     * @param connector the settings of a connector; may be empty
     * @param bySink true if a sink made the bucket of the topic
     * @throws ToolException if what a connector makes of records can't be told here
     */
    RecordFormat.Settings settings(Map<String, String> connector, boolean bySink) {
        Key mode = or(key, Key.class, connector, "record.key", Key.key);
        Value content = bySink ? ofSink(connector) : or(value, Value.class, connector, "record.value", Value.bytes);
        Converter keys = keyConverter != null
                ? keyConverter
                : converter(
                        connector, "key.converter", mode == Key.key_and_revision ? Converter.json : Converter.plain);
        Converter values = valueConverter != null
                ? valueConverter
                : converter(
                        connector,
                        "value.converter",
                        content == Value.bytes || content == Value.string ? Converter.plain : Converter.json);
        Value inEnvelope = or(envelopeValue, Value.class, connector, "envelope.value", Value.bytes);
        if (inEnvelope != Value.bytes && inEnvelope != Value.string) {
            throw new ToolException("The value in an envelope is bytes or string, not " + inEnvelope
                    + ": see --envelope-value, and envelope.value in the configuration");
        }
        if ((content == Value.envelope || content == Value.auto)
                && values == Converter.plain
                && compare == Compare.value) {
            throw new ToolException("--record-value " + content
                    + " can be read from JSON only: --value-converter json, or --compare revision");
        }
        return new RecordFormat.Settings(
                mode,
                content,
                inEnvelope,
                keys,
                values,
                schemas != null ? schemas : withSchemas(connector),
                codec(connector),
                compare,
                bySink,
                bySink
                        && GivenSettings.text(connector, SinkConfig.TOMBSTONE_OPERATION)
                                .equalsIgnoreCase("ignore"));
    }

    /** What the sink stores depends on what its converter makes of the record. */
    private Value ofSink(Map<String, String> connector) {
        String template = GivenSettings.text(connector, SinkConfig.KEY_TEMPLATE);
        if (!template.isEmpty() && !template.equals(SinkConfig.RECORD_KEY)) {
            throw new ToolException(SinkConfig.KEY_TEMPLATE + "=" + template
                    + " makes keys of something else than the records' keys: such a bucket can't be compared here");
        }
        String mode = GivenSettings.text(connector, SinkConfig.WRITE_MODE);
        if (!mode.isEmpty()
                && !mode.equals("put")
                && !GivenSettings.text(connector, SinkConfig.ON_CONFLICT).equals("overwrite")) {
            throw new ToolException(SinkConfig.WRITE_MODE + "=" + mode
                    + " does not make the last record of a key its value: such a bucket can't be compared here");
        }
        if (value != null || compare == Compare.revision) {
            return value != null ? value : Value.bytes;
        }
        Converter values =
                valueConverter != null ? valueConverter : converter(connector, "value.converter", Converter.plain);
        boolean quoted = GivenSettings.text(connector, SinkConfig.VALUE_FORMAT).equalsIgnoreCase("json");
        if (values == Converter.plain) {
            if (quoted && GivenSettings.text(connector, "value.converter").contains("String")) {
                throw new ToolException(SinkConfig.VALUE_FORMAT
                        + "=json puts texts in quotes, which can't be compared here; compare where entries come from:"
                        + " --compare revision");
            }
            return Value.bytes;
        }
        if (!quoted && GivenSettings.text(connector, SinkConfig.ENVELOPE).equals("never")) {
            throw new ToolException(SinkConfig.ENVELOPE
                    + "=never stores envelopes as JSON: if all values are JSON objects, say --record-value json");
        }
        return quoted ? Value.json : Value.auto;
    }

    private KeyCodec codec(Map<String, String> connector) {
        boolean sinks = GivenSettings.isSet(connector, SinkConfig.KEY_CODEC);
        return or(codec, Codec.class, connector, sinks ? SinkConfig.KEY_CODEC : "record.key.codec", Codec.none)
                .codec();
    }

    private Converter converter(Map<String, String> connector, String setting, Converter fallback) {
        String name = GivenSettings.text(connector, setting);
        if (name.isEmpty()) {
            return fallback;
        }
        // As a class, or by the worker's alias.
        String simple = name.substring(name.lastIndexOf('.') + 1);
        if (!simple.endsWith("Converter")) {
            simple += "Converter";
        }
        if (simple.equals("JsonConverter")) {
            return Converter.json;
        }
        if (simple.equals("StringConverter") || simple.equals("ByteArrayConverter")) {
            return Converter.plain;
        }
        if (compare == Compare.revision && setting.equals("value.converter")) {
            return Converter.plain;
        }
        throw new ToolException("What " + name + " writes can't be read here (" + setting
                + "); compare the revisions in the records' headers: --compare revision");
    }

    private static boolean withSchemas(Map<String, String> connector) {
        return !connector.isEmpty()
                && !GivenSettings.text(connector, "value.converter.schemas.enable")
                        .equalsIgnoreCase("false");
    }

    private static <E extends Enum<E>> E or(
            E typed, Class<E> type, Map<String, String> connector, String setting, E fallback) {
        String configured = GivenSettings.text(connector, setting);
        if (typed != null || configured.isEmpty()) {
            return typed != null ? typed : fallback;
        }
        try {
            return Enum.valueOf(type, configured.toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new ToolException(
                    setting + "=" + configured + " in the configuration is none of "
                            + Arrays.toString(type.getEnumConstants()),
                    e);
        }
    }
}
