package io.natskv.connect.sink.config;

import io.natskv.connect.sink.template.RecordTemplate;
import io.natskv.connect.sink.template.RecordTemplate.Variable;
import java.util.EnumSet;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.ValidString;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings that say what a record becomes. */
final class RecordSettings {
    static final Set<Variable> BUCKET_VARIABLES =
            EnumSet.of(Variable.TOPIC, Variable.KEY, Variable.VALUE, Variable.HEADER);
    static final Set<Variable> KEY_VARIABLES = EnumSet.allOf(Variable.class);
    static final Set<Variable> FIELD_VARIABLES = EnumSet.of(Variable.KEY, Variable.VALUE, Variable.HEADER);

    private static final String GROUP = "Records";

    private RecordSettings() {}

    static void define(ConfigDef def) {
        int order = 0;
        def.define(
                        SinkConfig.BUCKET_TEMPLATE,
                        Type.STRING,
                        "${topic}",
                        RecordTemplate.requiredValidator(BUCKET_VARIABLES),
                        Importance.HIGH,
                        "Name of the bucket that a record goes to. ${topic} is the record's topic, ${topic[1]} the second of its "
                                + "dot-separated parts, ${header.tenant} a header, ${key.region} and ${value.region} fields. A record that "
                                + "gives no legal bucket name (letters, digits, - and _) is a record error.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Bucket template")
                .define(
                        SinkConfig.TOPIC_BUCKETS,
                        Type.LIST,
                        "",
                        new TopicBuckets(),
                        Importance.MEDIUM,
                        "Buckets of single topics, as topic:bucket pairs: orders.v1:orders,users:people. They come before "
                                + SinkConfig.BUCKET_TEMPLATE + ".",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Buckets of topics")
                .define(
                        SinkConfig.KEY_TEMPLATE,
                        Type.STRING,
                        SinkConfig.RECORD_KEY,
                        RecordTemplate.requiredValidator(KEY_VARIABLES),
                        Importance.HIGH,
                        "The key of the entry. ${key} is the record's key: a string, UTF-8 bytes, a number, or the field \"key\" of a "
                                + "struct or map. ${key.id} and ${value.customer.id} are fields, ${header.id} is a header, ${topic}, "
                                + "${partition} and ${offset} say where the record comes from; [0] behind takes the first of the "
                                + "dot-separated parts. A record that gives no key is a record error.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Key template")
                .define(
                        SinkConfig.KEY_CODEC,
                        Type.STRING,
                        "none",
                        ValidString.in("none", "base64", "path"),
                        Importance.MEDIUM,
                        "How keys are stored that hold more than NATS allows (letters, digits and - / _ = . without a dot at an end or two "
                                + "in a row): not at all, which makes them record errors; all keys in URL-safe Base64; or as paths, where a "
                                + "slash becomes a dot (ADR-54).",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Key codec")
                .define(
                        SinkConfig.TOMBSTONE_OPERATION,
                        Type.STRING,
                        "delete",
                        ValidString.in("delete", "purge", "ignore", "fail"),
                        Importance.MEDIUM,
                        "What a record without a value does: delete the key, purge it (its history goes too), nothing, or fail as a record "
                                + "error. A header nats.kv.operation with PUT, DELETE or PURGE, as the source connector writes it, decides before this.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Records without value")
                .define(
                        SinkConfig.ENVELOPE,
                        Type.STRING,
                        "auto",
                        ValidString.in("auto", "always", "never"),
                        Importance.LOW,
                        "Whether values are envelopes of the source connector, with operation, key and value inside: those that look like one, "
                                + "all (another value is a record error), or none, which stores an envelope as JSON.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Envelope")
                .define(
                        SinkConfig.ENVELOPE_VALUE,
                        Type.STRING,
                        "bytes",
                        ValidString.in("bytes", "string"),
                        Importance.LOW,
                        "What a text is that stands as value in an envelope without a schema, as JsonConverter reads it with schemas.enable=false: "
                                + "bytes in Base64, or the text itself. The source's setting of that name says which it is.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Value in the envelope")
                .define(
                        SinkConfig.VALUE_FORMAT,
                        Type.STRING,
                        "auto",
                        ValidString.in("auto", "json"),
                        Importance.MEDIUM,
                        "How values are stored. auto: bytes as they are, strings in UTF-8, everything else as JSON by the rules of Connect's "
                                + "JsonConverter without schema. json: strings as JSON too, in quotes.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Value format")
                .define(
                        SinkConfig.JSON_DECIMAL_FORMAT,
                        Type.STRING,
                        "base64",
                        ConfigDef.CaseInsensitiveValidString.in("base64", "numeric"),
                        Importance.LOW,
                        "How decimals are written in JSON: as JsonConverter does by default, the unscaled number's bytes in Base64, or as a number.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Decimals in JSON");
        defineHeaders(def, order);
        defineModes(def, order + 10);
    }

    private static void defineHeaders(ConfigDef def, int start) {
        int order = start;
        def.define(
                        SinkConfig.HEADERS_INCLUDE,
                        Type.LIST,
                        "",
                        Importance.MEDIUM,
                        "Which Kafka headers are stored with the entry, by names in which * stands for anything: trace*,tenant. Headers that "
                                + "mean something to NATS, Connect or this suite (Nats-*, KV-*, Natskv-*, nats.kv.*, __connect.*) never are.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Headers to store")
                .define(
                        SinkConfig.HEADERS_EXCLUDE,
                        Type.LIST,
                        "",
                        Importance.LOW,
                        "Which of these are not.",
                        GROUP,
                        ++order,
                        Width.LONG,
                        "Headers to leave out")
                .define(
                        SinkConfig.RECORD_TTL,
                        Type.STRING,
                        "",
                        RecordTemplate.validator(FIELD_VARIABLES),
                        Importance.LOW,
                        "Where the time to live of an entry stands: ${header.ttl}, ${value.ttl}. It may be a number of seconds, 1h30m, or PT1H30M; "
                                + "a record without it gets none. Needs server 2.11 and a bucket with limit markers and a history of 1: with a longer "
                                + "one an older value would come back to light when the last one expires.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Time to live");
    }

    private static void defineModes(ConfigDef def, int start) {
        int order = start;
        def.define(
                        SinkConfig.WRITE_MODE,
                        Type.STRING,
                        "put",
                        ValidString.in("put", "create", "update"),
                        Importance.MEDIUM,
                        "put: the last record of a key wins. create: a value is stored only if the key has none; deletes and purges have no condition. "
                                + "update: anything, deletes and purges too, is done only if the key's last revision is the one that the record expects, by "
                                + SinkConfig.EXPECTED_REVISION
                                + ". With create and update a record that is delivered twice may meet its own first delivery, or what others "
                                + "wrote since, as a conflict.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "Write mode")
                .define(
                        SinkConfig.EXPECTED_REVISION,
                        Type.STRING,
                        "",
                        RecordTemplate.validator(FIELD_VARIABLES),
                        Importance.LOW,
                        "Where the revision stands that " + SinkConfig.WRITE_MODE
                                + "=update expects: ${header.revision}, "
                                + "${value.revision}. 0 means that there is no message of the key at all.",
                        GROUP,
                        ++order,
                        Width.MEDIUM,
                        "Expected revision")
                .define(
                        SinkConfig.ON_CONFLICT,
                        Type.STRING,
                        "dead_letter",
                        ValidString.in("skip", "overwrite", "dead_letter", "fail"),
                        Importance.MEDIUM,
                        "What becomes of a record whose condition does not hold: nothing (skip), it is written nevertheless (overwrite), it is a "
                                + "record error as others are, with errors.tolerance and the dead-letter topic (dead_letter), or the task fails. "
                                + "at_least_once only.",
                        GROUP,
                        ++order,
                        Width.SHORT,
                        "On conflict");
    }
}
