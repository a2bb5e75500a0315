package io.natskv.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.natskv.core.connect.GivenSettings;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigTransformer;
import org.apache.kafka.common.config.provider.ConfigProvider;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/**
 * The configuration of a connector from a file: properties, as a standalone worker reads them; a JSON object of settings; or what is posted to
 * Connect's REST API, {@code {"name": …, "config": {…}}}.
 */
public final class SettingsFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SettingsFile() {}

    /**
     * The settings; references to the config providers {@code env}, {@code file} and {@code directory} are replaced as a worker would.
     *
     * @throws ToolException if the file can't be read
     */
    public static Map<String, String> connector(Path file) {
        String text = read(file);
        return resolve(text.stripLeading().startsWith("{") ? json(file, text) : parse(file, text));
    }

    /** The lines of a properties file. */
    static Map<String, String> properties(Path file) {
        return resolve(parse(file, read(file)));
    }

    /** Names of settings whose reference to a config provider is still there. */
    public static List<String> unresolved(Map<String, String> settings) {
        return settings.keySet().stream()
                .filter(name -> GivenSettings.isReference(settings, name))
                .sorted()
                .toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new ToolException("File " + file + " can't be read: " + e, e);
        }
    }

    private static Map<String, String> parse(Path file, String text) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IOException | IllegalArgumentException e) {
            throw new ToolException("File " + file + " holds no properties: " + e.getMessage(), e);
        }
        Map<String, String> settings = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        return settings;
    }

    private static Map<String, String> json(Path file, String text) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            // Its message quotes what may be a password.
            throw new ToolException(
                    "File " + file + " is no JSON: line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr());
        }
        Map<String, String> settings = new LinkedHashMap<>();
        JsonNode config = root.path("config").isObject() ? root.get("config") : root;
        config.properties().forEach(field -> {
            if (field.getValue().isContainerNode()) {
                throw new ToolException("File " + file + ": the value of \"" + field.getKey() + "\" is no text");
            }
            if (!field.getValue().isNull()) {
                settings.put(field.getKey(), field.getValue().asText());
            }
        });
        if (root.path("name").isTextual()) {
            settings.putIfAbsent("name", root.get("name").asText());
        }
        return settings;
    }

    private static Map<String, String> resolve(Map<String, String> settings) {
        try (ConfigProvider environment = new EnvVarConfigProvider();
                ConfigProvider file = new FileConfigProvider();
                ConfigProvider directory = new DirectoryConfigProvider()) {
            Map<String, ConfigProvider> providers = Map.of("env", environment, "file", file, "directory", directory);
            providers.values().forEach(provider -> provider.configure(Map.of()));
            Map<String, String> resolved = new TreeMap<>(
                    new ConfigTransformer(providers).transform(settings).data());
            resolved.values().removeIf(value -> value == null);
            return resolved;
        } catch (ConfigException e) {
            throw new ToolException("A reference in the configuration can't be resolved: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ToolException("A config provider can't be closed: " + e.getMessage(), e);
        }
    }
}
