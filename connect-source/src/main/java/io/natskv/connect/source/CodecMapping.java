package io.natskv.connect.source;

import io.natskv.connect.source.reconcile.KeyMapping;
import io.natskv.core.error.InvalidKeyException;
import io.natskv.core.key.KeyCodec;
import java.util.Optional;

/** Keys that the records have as their writer knows them. */
record CodecMapping(KeyCodec codec) implements KeyMapping {
    @Override
    public Optional<String> toRecord(String key) {
        try {
            String decoded = codec.decode(key);
            return codec.encode(decoded).equals(key) ? Optional.of(decoded) : Optional.empty();
        } catch (InvalidKeyException e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<String> toBucket(String recordKey) {
        try {
            return Optional.of(codec.encode(recordKey));
        } catch (InvalidKeyException e) {
            return Optional.empty();
        }
    }
}
