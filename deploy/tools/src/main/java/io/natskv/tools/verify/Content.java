package io.natskv.tools.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.TreeMap;

/** Contents as 64 bits of their SHA-256: two that differ look the same once in 10^19. For one thread. */
final class Content {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final MessageDigest sha256;

    /** Why a content can't be told; never quotes it. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String reason) {
            super(reason);
        }
    }

    Content() {
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Of bytes as they are. */
    long ofBytes(byte[] bytes) {
        return ByteBuffer.wrap(sha256.digest(bytes)).getLong();
    }

    /** Of what JSON says: neither the order of an object's fields, nor blanks, nor the spelling of a number count. */
    long ofJson(JsonNode json) {
        return ofBytes(canonical(json).getBytes(StandardCharsets.UTF_8));
    }

    /** Of what JSON says, where it is JSON. */
    long ofJsonOrBytes(byte[] bytes) {
        try {
            return ofJson(parse(bytes, "the value"));
        } catch (UnreadableException e) {
            return ofBytes(bytes);
        }
    }

    static JsonNode parse(byte[] bytes, String what) throws UnreadableException {
        try {
            JsonNode json = JSON.readTree(bytes);
            if (json == null || json.isMissingNode()) {
                throw new UnreadableException(what + " is empty, which is no JSON");
            }
            return json;
        } catch (JsonProcessingException e) {
            throw new UnreadableException(what + " is no JSON");
        } catch (IOException e) {
            throw new UnreadableException(what + " can't be read");
        }
    }

    private static String canonical(JsonNode json) {
        StringBuilder text = new StringBuilder();
        append(json, text);
        return text.toString();
    }

    private static void append(JsonNode json, StringBuilder text) {
        switch (json.getNodeType()) {
            case OBJECT -> {
                TreeMap<String, JsonNode> fields = new TreeMap<>();
                json.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
                text.append('{');
                fields.forEach((name, value) -> {
                    text.append(quote(name)).append(':');
                    append(value, text);
                    text.append(',');
                });
                text.append('}');
            }
            case ARRAY -> {
                text.append('[');
                json.forEach(element -> {
                    append(element, text);
                    text.append(',');
                });
                text.append(']');
            }
            case STRING -> text.append(quote(json.textValue()));
            case NUMBER -> text.append(number(json));
            default -> text.append(json.asText());
        }
    }

    /** As a double where it is no whole number of 64 bits: so it went through Connect. */
    private static String number(JsonNode json) {
        double number = json.doubleValue();
        if (json.isIntegralNumber()) {
            return json.bigIntegerValue().toString();
        }
        return number == Math.rint(number) && Math.abs(number) < 1L << 53
                ? Long.toString((long) number)
                : Double.toString(number);
    }

    private static String quote(String text) {
        return JSON.getNodeFactory().textNode(text).toString();
    }
}
