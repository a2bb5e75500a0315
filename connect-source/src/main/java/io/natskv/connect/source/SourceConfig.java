package io.natskv.connect.source;

import io.natskv.connect.source.reconcile.ReconcileSettings;
import io.natskv.core.connect.ConnectionSettings;
import io.natskv.core.connection.NatsConnectionConfig;
import io.natskv.core.key.KeyFilter;
import io.natskv.core.watch.WatchOptions;
import io.natskv.core.watch.WatchStart;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;

/** The settings of the source connector, group by group. */
final class SourceConfig extends AbstractConfig {
    static final ConfigDef DEF = define();

    SourceConfig(Map<String, String> settings) {
        super(DEF, settings, false);
    }

    private static ConfigDef define() {
        ConfigDef def = ConnectionSettings.define(new ConfigDef());
        WatchSettings.define(def);
        RecordSettings.define(def);
        ReconcileSettings.define(def);
        LivenessSettings.define(def);
        return FlowSettings.define(def);
    }

    WatchSettings watch() {
        return new WatchSettings(this);
    }

    RecordSettings records() {
        return new RecordSettings(this);
    }

    ReconcileSettings reconcile() {
        return new ReconcileSettings(this);
    }

    LivenessSettings liveness() {
        return new LivenessSettings(this);
    }

    FlowSettings flow() {
        return new FlowSettings(this);
    }

    WatchOptions watchOptions(KeyFilter filter, WatchStart start) {
        return WatchOptions.DEFAULT
                .withFilters(List.of(filter))
                .withStart(start)
                .withIgnoreDeletes(watch().ignoreDeletes())
                .withMetaOnly(watch().metaOnly())
                .withBuffer(flow().bufferMaxEntries(), flow().bufferMaxBytes())
                .withConsumerPrefix("kvsource");
    }

    /** The connector's name, which the worker puts among its settings. */
    String connectorName() {
        Object name = originals().get("name");
        return name == null ? "nats-kv-source" : name.toString();
    }

    NatsConnectionConfig connection(String name) {
        return ConnectionSettings.of(originalsStrings(), name);
    }
}
