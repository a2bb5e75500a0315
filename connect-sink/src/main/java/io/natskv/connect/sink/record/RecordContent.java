package io.natskv.connect.sink.record;

import io.natskv.core.KvOperation;
import org.apache.kafka.connect.data.Schema;

/**
 * What a record says is to be done, before the settings have their say.
 *
 * @param operation null if the record does not tell
 * @param key the key that an envelope names; null without envelope
 * @param schema of the value; null for none
 * @param value null for none
 */
record RecordContent(KvOperation operation, String key, Schema schema, Object value) {}
