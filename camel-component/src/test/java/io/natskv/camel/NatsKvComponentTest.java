package io.natskv.camel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.StorageType;
import io.natskv.core.error.InvalidBucketException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.jsse.SSLContextParameters;
import org.apache.camel.util.SensitiveUtils;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scheme, options and metadata; no server is needed for them. */
class NatsKvComponentTest {
    private final DefaultCamelContext context = new DefaultCamelContext();

    @BeforeEach
    void start() {
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    @Test
    void isFoundByItsScheme() {
        NatsKvEndpoint endpoint = endpoint("nats-kv:orders");
        assertThat(endpoint.getBucket()).isEqualTo("orders");
        assertThat(endpoint.getComponent()).isInstanceOf(NatsKvComponent.class);
        assertThat(endpoint.isMultipleConsumersSupported()).isTrue();
        assertThat(endpoint.isSingleton()).isTrue();
    }

    @Test
    void optionsHaveTheirDefaults() {
        NatsKvConfiguration options = endpoint("nats-kv:orders").getConfiguration();
        assertThat(options.getOperation()).isEqualTo(NatsKvOperation.PUT);
        assertThat(options.getKey()).isNull();
        assertThat(options.getRevision()).isNull();
        assertThat(options.isFailIfAbsent()).isFalse();
        assertThat(options.isAllowNullBody()).isFalse();
        assertThat(options.getResultHeader()).isNull();
        assertThat(options.getListTimeout()).isEqualTo(60_000);
        assertThat(options.isIncludeHistory()).isFalse();
        assertThat(options.isUpdatesOnly()).isFalse();
        assertThat(options.isIgnoreDeletes()).isFalse();
        assertThat(options.isMetaOnly()).isFalse();
        assertThat(options.getFromRevision()).isNull();
        assertThat(options.getRetryDelay()).isEqualTo(1_000);
        assertThat(options.getMaxRetryDelay()).isEqualTo(30_000);
        assertThat(options.isCreateBucket()).isFalse();
        assertThat(options.getHistory()).isEqualTo(1);
        assertThat(options.getBucketTtl()).isZero();
        assertThat(options.getStorageType()).isEqualTo(StorageType.File);
        assertThat(options.getReplicas()).isEqualTo(1);
        assertThat(options.getMaxBucketSize()).isEqualTo(-1);
        assertThat(options.getMaxValueSize()).isEqualTo(-1);
        assertThat(options.isCompression()).isFalse();
        assertThat(options.getMaxReconnectAttempts()).isEqualTo(-1);
    }

    @Test
    void optionsOfTheComponentCountForItsEndpointsAndCanBeOverridden() {
        NatsKvComponent component = context.getComponent("nats-kv", NatsKvComponent.class);
        component.getConfiguration().setServers("nats://one:4222");
        component.getConfiguration().setRequestTimeout(1_000);
        NatsKvConfiguration options =
                endpoint("nats-kv:orders?requestTimeout=3s&operation=get").getConfiguration();
        assertThat(options.getServers()).isEqualTo("nats://one:4222");
        assertThat(options.getRequestTimeout()).isEqualTo(3_000);
        assertThat(options.getOperation()).isEqualTo(NatsKvOperation.GET);
        assertThat(component.getConfiguration().getRequestTimeout()).isEqualTo(1_000);
        assertThat(component.getConfiguration().getOperation()).isEqualTo(NatsKvOperation.PUT);
    }

    @Test
    void takesTheGlobalSslContextParametersIfAsked() {
        SSLContextParameters global = new SSLContextParameters();
        context.setSSLContextParameters(global);
        assertThat(endpoint("nats-kv:one").getConfiguration().getSslContextParameters())
                .isNull();
        context.getComponent("nats-kv", NatsKvComponent.class).setUseGlobalSslContextParameters(true);
        assertThat(endpoint("nats-kv:two").getConfiguration().getSslContextParameters())
                .isSameAs(global);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> endpoint("nats-kv:orders?opreation=GET")).hasMessageContaining("opreation");
        assertThatThrownBy(() -> endpoint("nats-kv:orders?operation=FROB")).hasStackTraceContaining("FROB");
        assertThatThrownBy(() -> endpoint("nats-kv:or.ders"))
                .hasRootCauseInstanceOf(InvalidBucketException.class)
                .hasStackTraceContaining("or.ders");
    }

    @Test
    void theCatalogKnowsOptionsHeadersAndSecrets() throws Exception {
        JsonObject catalog;
        try (InputStream in = getClass().getResourceAsStream("/META-INF/io/natskv/camel/nats-kv.json")) {
            catalog = (JsonObject) Jsoner.deserialize(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        JsonObject component = catalog.getMap("component");
        assertThat(component)
                .containsEntry("scheme", "nats-kv")
                .containsEntry("syntax", "nats-kv:bucket")
                .containsEntry("groupId", "io.natskv")
                .containsEntry("artifactId", "camel-nats-kv")
                .containsEntry("async", true)
                .containsEntry("remote", true);
        Map<String, JsonObject> options = catalog.getMap("properties");
        Set<String> secrets = new TreeSet<>();
        options.forEach((name, option) -> {
            assertThat(option.getString("description")).as(name).isNotBlank();
            if (option.getBoolean("secret")) {
                secrets.add(name);
            }
        });
        assertThat(secrets)
                .containsExactly("password", "privateKey", "token", "userAuthenticationCredentials", "username");
        // Camel masks by name, also where it shows what it has configured.
        assertThat(secrets).allMatch(SensitiveUtils::containsSensitive);
        Map<String, JsonObject> headers = catalog.getMap("headers");
        assertThat(headers.keySet())
                .containsAll(List.of(
                        NatsKvConstants.OPERATION,
                        NatsKvConstants.KEY,
                        NatsKvConstants.AT_REVISION,
                        NatsKvConstants.REVISION,
                        NatsKvConstants.FOUND,
                        NatsKvConstants.ENTRY_OPERATION));
    }

    private NatsKvEndpoint endpoint(String uri) {
        return context.getEndpoint(uri, NatsKvEndpoint.class);
    }
}
