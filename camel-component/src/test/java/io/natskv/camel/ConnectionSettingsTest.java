package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.connection.NatsConnectionConfig;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.UriParam;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionSettingsTest {
    /** Options that say nothing about the connection though they have none of the labels that tell. */
    private static final Set<String> NOT_OF_A_CONNECTION = Set.of("key", "connection");

    private final DefaultCamelContext context = new DefaultCamelContext();
    private final NatsKvConfiguration options = new NatsKvConfiguration();

    @BeforeEach
    void name() {
        context.getCamelContextExtension().setName("shop");
    }

    @AfterEach
    void close() {
        context.stop();
    }

    @Test
    void defaultsAreThoseOfKvCoreButForTheName() throws Exception {
        options.setServers("nats://one:4222, tls://two:4223");
        NatsConnectionConfig config = ConnectionSettings.of(options, context);
        NatsConnectionConfig defaults = NatsConnectionConfig.of("nats://one:4222");
        assertThat(config.servers()).containsExactly("nats://one:4222", "tls://two:4223");
        assertThat(config.connectionName()).isEqualTo("camel-shop");
        assertThat(config.connectTimeout()).isEqualTo(defaults.connectTimeout());
        assertThat(config.requestTimeout()).isEqualTo(defaults.requestTimeout());
        assertThat(config.reconnectWait()).isEqualTo(defaults.reconnectWait());
        assertThat(config.maxReconnects()).isEqualTo(defaults.maxReconnects());
        assertThat(config.pingInterval()).isEqualTo(defaults.pingInterval());
        assertThat(config.maxPingsOut()).isEqualTo(defaults.maxPingsOut());
        assertThat(config.apiPrefix()).isEqualTo(defaults.apiPrefix());
        assertThat(config.tls()).isEmpty();
        assertThat(config.ignoreDiscoveredServers()).isFalse();
    }

    @Test
    void everyOptionArrives() throws Exception {
        options.setServers("nats://one:4222");
        options.setConnectionName("name");
        options.setConnectionTimeout(1);
        options.setRequestTimeout(2);
        options.setReconnectTimeWait(3);
        options.setMaxReconnectAttempts(4);
        options.setPingInterval(5);
        options.setMaxPingsOut(6);
        options.setIgnoreDiscoveredServers(true);
        options.setInboxPrefix("_IN");
        options.setJetstreamPrefix("JS.acc.API");
        options.setSecure(true);
        options.setTlsFirst(true);
        options.setUsername("u");
        options.setPassword("p");
        NatsConnectionConfig config = ConnectionSettings.of(options, context);
        assertThat(config.connectionName()).isEqualTo("name");
        assertThat(config.connectTimeout()).isEqualTo(Duration.ofMillis(1));
        assertThat(config.requestTimeout()).isEqualTo(Duration.ofMillis(2));
        assertThat(config.reconnectWait()).isEqualTo(Duration.ofMillis(3));
        assertThat(config.maxReconnects()).isEqualTo(4);
        assertThat(config.pingInterval()).isEqualTo(Duration.ofMillis(5));
        assertThat(config.maxPingsOut()).isEqualTo(6);
        assertThat(config.ignoreDiscoveredServers()).isTrue();
        assertThat(config.inboxPrefix()).contains("_IN");
        assertThat(config.apiPrefix()).isEqualTo("JS.acc.API.");
        assertThat(config.tls()).isPresent();
        assertThat(config.tlsFirst()).isTrue();
        assertThat(config.username()).contains("u");
        assertThat(config.password()).hasValueSatisfying(p -> assertThat(p).containsExactly('p'));
    }

    @Test
    void sslContextParametersMeanTls() throws Exception {
        options.setServers("nats://one:4222");
        options.setSslContextParameters(new SSLContextParameters());
        assertThat(ConnectionSettings.of(options, context).sslContext()).isPresent();
    }

    @Test
    void credentialsComeFromAFileOrFromTheClassPath(@TempDir Path folder) throws Exception {
        options.setServers("nats://one:4222");
        Path file = Files.writeString(folder.resolve("user.creds"), "text");
        for (String prefix : new String[] {"file:", "file://"}) {
            options.setCredentialsFilePath(prefix + file);
            assertThat(ConnectionSettings.of(options, context).credentialsFile())
                    .contains(file);
        }
        options.setCredentialsFilePath("classpath:sample.creds");
        assertThat(ConnectionSettings.of(options, context).credentials())
                .hasValueSatisfying(text -> assertThat(new String(text))
                        .contains("BEGIN NATS USER JWT")
                        .contains("SEED"));
        options.setCredentialsFilePath("sample.creds");
        assertThat(ConnectionSettings.of(options, context).credentials()).isPresent();
        options.setUserAuthenticationCredentials("others");
        assertThatThrownBy(() -> ConnectionSettings.of(options, context))
                .hasMessageContaining("userAuthenticationCredentials: not together with credentialsFilePath");
    }

    @Test
    void twoKindsOfAuthenticationContradict() {
        options.setServers("nats://one:4222");
        options.setToken("t");
        options.setPrivateKey("s");
        assertThatThrownBy(() -> ConnectionSettings.of(options, context))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("authentication");
    }

    /** Two endpoints that differ in an option of the connection must not share one. */
    @Test
    void everyConnectionOptionCountsForSharing() throws Exception {
        Set<Field> fields = Stream.of(NatsKvConnectionConfiguration.class.getDeclaredFields())
                .filter(field -> field.isAnnotationPresent(UriParam.class))
                .filter(field -> Set.of("", "advanced", "security")
                        .contains(field.getAnnotation(UriParam.class).label()))
                .filter(field -> !NOT_OF_A_CONNECTION.contains(field.getName()))
                .collect(Collectors.toSet());
        assertThat(fields).hasSizeGreaterThan(15);
        for (Field field : fields) {
            NatsKvConfiguration changed = options.copy();
            field.setAccessible(true);
            if (field.getType() == boolean.class) {
                field.set(changed, true);
            } else if (field.getType() == int.class) {
                field.set(changed, 77);
            } else if (field.getType() == long.class) {
                field.set(changed, 77L);
            } else if (field.getType() == String.class) {
                field.set(changed, "77");
            } else {
                field.set(changed, field.getType().getConstructor().newInstance());
            }
            assertThat(ConnectionSettings.key(changed))
                    .as(field.getName())
                    .isNotEqualTo(ConnectionSettings.key(options));
        }
        assertThat(ConnectionSettings.key(options.copy())).isEqualTo(ConnectionSettings.key(options));
    }
}
