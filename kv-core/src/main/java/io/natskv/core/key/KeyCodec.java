package io.natskv.core.key;

import io.natskv.core.error.InvalidKeyException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Turns keys of any characters into keys that NATS allows, and back (ADR-54).
 *
 * <p>{@code decode(encode(key))} is the key, but for the trailing slashes that {@link #PATH} drops.
 */
public interface KeyCodec {
    /** Keys as they are. */
    KeyCodec NONE = new KeyCodec() {
        @Override
        public String encode(String key) {
            return KvNames.checkKey(key);
        }

        @Override
        public String decode(String stored) {
            return stored;
        }

        @Override
        public KeyFilter encodeFilter(String filter) {
            return new KeyFilter(filter);
        }

        @Override
        public String toString() {
            return "none";
        }
    };

    /** The whole key in URL-safe Base64 with padding. There are no tokens left for a filter to select by. */
    KeyCodec BASE64 = new KeyCodec() {
        @Override
        public String encode(String key) {
            if (key.isEmpty()) {
                throw new InvalidKeyException(key, "it must not be empty");
            }
            String encoded = Base64.getUrlEncoder().encodeToString(key.getBytes(StandardCharsets.UTF_8));
            if (!text(encoded).equals(key)) {
                // Half a surrogate pair would become a question mark, and two keys one.
                throw new InvalidKeyException(key, "it is no valid Unicode text");
            }
            return KvNames.checkKey(encoded);
        }

        @Override
        public String decode(String stored) {
            try {
                String key = text(stored);
                // Without padding, or of bytes that are no text, it is another key's other spelling.
                if (!key.isEmpty() && encode(key).equals(stored)) {
                    return key;
                }
            } catch (IllegalArgumentException e) {
                // no Base64 at all
            }
            throw new InvalidKeyException(stored, "it is no URL-safe Base64 of a text, with padding");
        }

        private String text(String encoded) {
            return new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8);
        }

        @Override
        public KeyFilter encodeFilter(String filter) {
            if (KeyFilter.ALL.pattern().equals(filter)) {
                return KeyFilter.ALL;
            }
            if (filter.indexOf('*') >= 0 || filter.indexOf('>') >= 0) {
                throw new InvalidKeyException(filter, "keys in Base64 can't be selected by wildcards");
            }
            return new KeyFilter(encode(filter));
        }

        @Override
        public String toString() {
            return "base64";
        }
    };

    /**
     * Paths: slashes become dots, a leading one becomes the token {@code _root_}, trailing ones are dropped. In a filter the leading slash is a
     * token of its own: {@code *&#47;b} selects {@code /b} and {@code a/b}.
     */
    KeyCodec PATH = new KeyCodec() {
        private static final String ROOT = "_root_";

        @Override
        public String encode(String key) {
            return KvNames.checkKey(path(key));
        }

        private String path(String key) {
            int end = key.length();
            while (end > 1 && key.charAt(end - 1) == '/') {
                end--;
            }
            String trimmed = key.substring(0, end);
            if (trimmed.indexOf('.') >= 0) {
                throw new InvalidKeyException(key, "a path with a dot can't be told from one with a slash");
            }
            if (trimmed.equals(ROOT) || trimmed.startsWith(ROOT + "/")) {
                throw new InvalidKeyException(key, ROOT + " at its begin stands for a leading slash");
            }
            if (trimmed.equals("/")) {
                return ROOT;
            }
            return (trimmed.startsWith("/") ? ROOT + trimmed : trimmed).replace('/', '.');
        }

        @Override
        public String decode(String stored) {
            if (stored.indexOf('/') >= 0) {
                throw new InvalidKeyException(stored, "a path is stored with dots in place of slashes");
            }
            KvNames.checkKey(stored);
            if (stored.equals(ROOT)) {
                return "/";
            }
            String path = stored.replace('.', '/');
            return stored.startsWith(ROOT + ".") ? path.substring(ROOT.length()) : path;
        }

        @Override
        public KeyFilter encodeFilter(String filter) {
            return new KeyFilter(path(filter));
        }

        @Override
        public String toString() {
            return "path";
        }
    };

    /**
     * The key to store.
     *
     * @throws InvalidKeyException if this codec can't make a valid key of it
     */
    String encode(String key);

    /**
     * The key that was stored under this one.
     *
     * @throws InvalidKeyException if it is none that this codec makes
     */
    String decode(String stored);

    /**
     * The filter over stored keys for a filter over plain ones.
     *
     * @throws InvalidKeyException if this codec can't express it
     */
    KeyFilter encodeFilter(String filter);
}
