package io.natskv.camel;

import java.util.HashMap;
import java.util.Map;
import org.apache.camel.Ordered;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckResultBuilder;

/** What the health checks of this component have in common: readiness checks that can be switched off. */
abstract class KvHealthCheck implements HealthCheck {
    private final String id;
    private volatile boolean enabled = true;

    KvHealthCheck(String id) {
        this.id = id;
    }

    @Override
    public String getId() {
        return id;
    }

    @Override
    public String getGroup() {
        return "camel";
    }

    @Override
    public boolean isEnabled() {
        return enabled;
    }

    @Override
    public void setEnabled(boolean value) {
        enabled = value;
    }

    /** An outage of a server is nothing that a restart of this process would mend. */
    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST;
    }

    @Override
    public Result call(Map<String, Object> options) {
        HealthCheckResultBuilder result = HealthCheckResultBuilder.on(this);
        result.detail(HealthCheck.CHECK_ID, id);
        if (enabled) {
            check(result);
        } else {
            result.unknown().message("Disabled");
        }
        return result.build();
    }

    @Override
    public Result call() {
        return call(new HashMap<>());
    }

    static void detail(HealthCheckResultBuilder result, String name, Object value) {
        if (value != null) {
            result.detail(name, value);
        }
    }

    /** Says up or down, and why. */
    abstract void check(HealthCheckResultBuilder result);
}
