package io.natskv.camel;

import java.util.Map;
import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.SSLContextParametersAware;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.HealthCheckComponent;

/** The component {@code nats-kv}: makes endpoints, each with a copy of the component's options, and shares their connections. */
@Component("nats-kv")
public class NatsKvComponent extends HealthCheckComponent implements SSLContextParametersAware {
    private final NatsKvConnections connections = new NatsKvConnections();
    private final PositionKeys positionKeys = new PositionKeys();

    @Metadata(description = "The options that all endpoints start from.")
    private NatsKvConfiguration configuration = new NatsKvConfiguration();

    @Metadata(label = "security", description = "Use the SSL context parameters of the Camel context.")
    private boolean useGlobalSslContextParameters;

    @Metadata(
            label = "advanced",
            description =
                    "Reload the routes when a key changes whose value stands in a placeholder like `{{nats-kv:bucket/key}}`.")
    private boolean reloadOnKeyChange;

    public NatsKvComponent() {}

    public NatsKvComponent(CamelContext context) {
        super(context);
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) throws Exception {
        NatsKvConfiguration options = configuration.copy();
        if (ConnectionSettings.isOwnConnection(parameters)) {
            // The one of the component, which may only stand in the registry, would be another server, or another user.
            options.setConnection(null);
        }
        NatsKvEndpoint endpoint = new NatsKvEndpoint(uri, this, remaining, options);
        setProperties(endpoint, parameters);
        if (endpoint.getConfiguration().getSslContextParameters() == null) {
            endpoint.getConfiguration().setSslContextParameters(retrieveGlobalSslContextParameters());
        }
        return endpoint;
    }

    NatsKvConnections connections() {
        return connections;
    }

    PositionKeys positionKeys() {
        return positionKeys;
    }

    public NatsKvConfiguration getConfiguration() {
        return configuration;
    }

    public void setConfiguration(NatsKvConfiguration value) {
        configuration = value;
    }

    public boolean isReloadOnKeyChange() {
        return reloadOnKeyChange;
    }

    public void setReloadOnKeyChange(boolean value) {
        reloadOnKeyChange = value;
    }

    @Override
    public boolean isUseGlobalSslContextParameters() {
        return useGlobalSslContextParameters;
    }

    @Override
    public void setUseGlobalSslContextParameters(boolean value) {
        useGlobalSslContextParameters = value;
    }
}
