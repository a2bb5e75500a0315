package io.natskv.tools;

import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connection.KvConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.config.ConfigException;
import picocli.CommandLine.Option;

/** How to reach NATS. Secrets come from files and the environment, never as arguments, which others on the machine can see. */
public final class NatsOptions {
    private static final String DEFAULT_SERVER = "nats://127.0.0.1:4222";
    private static final List<String> AUTHENTICATION = List.of(
            ConnectionSettings.CREDENTIALS_FILE,
            ConnectionSettings.CREDENTIALS,
            ConnectionSettings.NKEY_SEED,
            ConnectionSettings.TOKEN,
            ConnectionSettings.USERNAME);

    @Option(
            names = {"-s", "--server"},
            paramLabel = "URL",
            description = "NATS server, or several separated by commas (NATS_URL; " + DEFAULT_SERVER + ").")
    private String server;

    @Option(names = "--creds", paramLabel = "FILE", description = "Credentials file (NATS_CREDS).")
    private Path creds;

    @Option(names = "--nkey", paramLabel = "FILE", description = "File with an nkey seed (NATS_NKEY).")
    private Path nkey;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "User (NATS_USER); its password is in NATS_PASSWORD. A token is in NATS_TOKEN.")
    private String user;

    @Option(names = "--tlsca", paramLabel = "FILE", description = "Certificates to trust, PEM (NATS_CA).")
    private Path ca;

    @Option(
            names = "--tlscert",
            paramLabel = "FILE",
            description = "The client's certificate, PEM (NATS_CERT); with --tlskey.")
    private Path certificate;

    @Option(names = "--tlskey", paramLabel = "FILE", description = "The client's private key, PEM (NATS_KEY).")
    private Path key;

    @Option(names = "--js-domain", paramLabel = "DOMAIN", description = "JetStream domain.")
    private String domain;

    @Option(
            names = "--nats-config",
            paramLabel = "FILE",
            description = "Properties with the connectors' nats.* settings, for everything else.")
    private Path config;

    /** Connects. */
    public KvConnection connect() {
        return connect(settings(Map.of()));
    }

    /** Connects by the settings of a connector; what was typed goes before them. */
    public KvConnection connect(Map<String, String> settings) {
        try {
            return KvConnection.open(ConnectionSettings.of(settings, "nats-kv tools"));
        } catch (ConfigException e) {
            throw new ToolException("How to reach NATS is not clear: " + e.getMessage(), e);
        }
    }

    /**
     * The connection as settings of a connector.
     *
     * @param connector a connector's settings, over which goes what was typed; the environment counts where both say nothing
     */
    public Map<String, String> settings(Map<String, String> connector) {
        return settings(connector, System::getenv);
    }

    Map<String, String> settings(Map<String, String> connector, UnaryOperator<String> environment) {
        Map<String, String> settings = new LinkedHashMap<>();
        // A reference that only the worker can resolve says nothing here.
        connector.forEach((name, value) -> {
            if (name.startsWith("nats.") && !GivenSettings.isReference(connector, name)) {
                settings.put(name, value);
            }
        });
        if (config != null) {
            replace(settings, SettingsFile.properties(config));
        }
        replace(settings, typed());
        fill(settings, ConnectionSettings.SERVERS, environment.apply("NATS_URL"));
        fill(settings, ConnectionSettings.SERVERS, DEFAULT_SERVER);
        if (AUTHENTICATION.stream().noneMatch(name -> GivenSettings.isSet(settings, name))) {
            settings.putAll(authentication(environment));
        } else if (user != null) {
            fill(settings, ConnectionSettings.PASSWORD, environment.apply("NATS_PASSWORD"));
        }
        fill(settings, ConnectionSettings.TLS_TRUSTED_CERTIFICATES, textOf(environment.apply("NATS_CA")));
        fill(settings, ConnectionSettings.TLS_CERTIFICATE_CHAIN, textOf(environment.apply("NATS_CERT")));
        fill(settings, ConnectionSettings.TLS_PRIVATE_KEY, textOf(environment.apply("NATS_KEY")));
        return settings;
    }

    private Map<String, String> typed() {
        Map<String, String> typed = new LinkedHashMap<>();
        fill(typed, ConnectionSettings.SERVERS, server);
        fill(typed, ConnectionSettings.CREDENTIALS_FILE, creds == null ? null : creds.toString());
        fill(typed, ConnectionSettings.NKEY_SEED, textOf(nkey));
        fill(typed, ConnectionSettings.USERNAME, user);
        fill(typed, ConnectionSettings.TLS_TRUSTED_CERTIFICATES, textOf(ca));
        fill(typed, ConnectionSettings.TLS_CERTIFICATE_CHAIN, textOf(certificate));
        fill(typed, ConnectionSettings.TLS_PRIVATE_KEY, textOf(key));
        fill(typed, ConnectionSettings.JETSTREAM_DOMAIN, domain);
        return typed;
    }

    private static Map<String, String> authentication(UnaryOperator<String> environment) {
        Map<String, String> found = new LinkedHashMap<>();
        String seedFile = environment.apply("NATS_NKEY");
        if (isGiven(environment.apply("NATS_CREDS"))) {
            found.put(ConnectionSettings.CREDENTIALS_FILE, environment.apply("NATS_CREDS"));
        } else if (isGiven(seedFile)) {
            found.put(ConnectionSettings.NKEY_SEED, textOf(seedFile));
        } else if (isGiven(environment.apply("NATS_TOKEN"))) {
            found.put(ConnectionSettings.TOKEN, environment.apply("NATS_TOKEN"));
        } else {
            fill(found, ConnectionSettings.USERNAME, environment.apply("NATS_USER"));
            fill(found, ConnectionSettings.PASSWORD, environment.apply("NATS_PASSWORD"));
        }
        return found;
    }

    /** One way to authenticate takes the place of another. */
    private static void replace(Map<String, String> settings, Map<String, String> by) {
        if (AUTHENTICATION.stream().anyMatch(name -> GivenSettings.isSet(by, name))) {
            AUTHENTICATION.forEach(settings::remove);
            settings.remove(ConnectionSettings.PASSWORD);
        }
        settings.putAll(by);
    }

    private static void fill(Map<String, String> settings, String name, String value) {
        if (isGiven(value) && !GivenSettings.isSet(settings, name)) {
            settings.put(name, value);
        }
    }

    private static boolean isGiven(String value) {
        return value != null && !value.isBlank();
    }

    private static String textOf(String file) {
        return isGiven(file) ? textOf(Path.of(file)) : null;
    }

    private static String textOf(Path file) {
        if (file == null) {
            return null;
        }
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new ToolException("File " + file + " can't be read: " + e.getMessage(), e);
        }
    }
}
