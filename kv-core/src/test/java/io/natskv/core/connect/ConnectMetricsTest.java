package io.natskv.core.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.metrics.Gauge;
import org.apache.kafka.common.metrics.MetricValueProvider;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.connect.sink.SinkTaskContext;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class ConnectMetricsTest {
    private static final MBeanServer JMX = ManagementFactory.getPlatformMBeanServer();

    private final AtomicLong lag = new AtomicLong(3);
    private final LongAdder puts = new LongAdder();

    @Test
    void showsMetricsAsMBeansUntilTheyAreClosed(TestInfo test) throws JMException {
        String connector = test.getDisplayName();
        try (ConnectMetrics metrics = ConnectMetrics.ofSource(connector, "4", oldWorker(SourceTaskContext.class))) {
            Histogram histogram = new Histogram();
            histogram.record(5);
            metrics.register(Map.of(), new MetricSet().histogram("latency-ms", "Latency", histogram));
            Map<String, String> tags = new LinkedHashMap<>();
            tags.put("bucket", "orders");
            tags.put("filter", "eu.*.\"x\"?,=:");
            ConnectMetrics.Registration registration = metrics.register(tags, set());
            ObjectName name =
                    new ObjectName("io.natskv.connect:type=source-task,connector=" + ObjectName.quote(connector)
                            + ",task=4,bucket=orders,filter=" + ObjectName.quote("eu.*.\"x\"?,=:"));
            assertThat(JMX.getAttribute(name, "lag-revisions")).isEqualTo(3L);
            assertThat(JMX.getAttribute(name, "records-put-total")).isEqualTo(0L);
            lag.set(9);
            puts.increment();
            assertThat(JMX.getAttributes(name, new String[] {"lag-revisions", "records-put-total"})
                            .asList())
                    .extracting(attribute -> attribute.getValue())
                    .containsExactly(9L, 1L);
            assertThat(JMX.getMBeanInfo(name).getAttributes())
                    .extracting(attribute -> attribute.getDescription())
                    .containsExactly("How far behind", "Records of puts");
            registration.close();
            registration.close();
            assertThatThrownBy(() -> JMX.getAttribute(name, "lag-revisions"))
                    .isInstanceOf(InstanceNotFoundException.class);
            assertThat(named(connector)).isEqualTo(1);
        }
        assertThat(named(connector)).isZero();
    }

    @Test
    void aSuccessorKeepsItsMetricsWhenItsPredecessorEndsLate(TestInfo test) throws JMException {
        String connector = test.getTestMethod().orElseThrow().getName();
        ObjectName name = new ObjectName("io.natskv.connect:type=sink-task,connector=" + connector + ",task=0");
        ConnectMetrics late = ConnectMetrics.ofSink(connector, "0", oldWorker(SinkTaskContext.class));
        late.register(Map.of(), new MetricSet().gauge("lag", "Lag", () -> 1));
        ConnectMetrics successor = ConnectMetrics.ofSink(connector, "0", oldWorker(SinkTaskContext.class));
        successor.register(Map.of(), new MetricSet().gauge("lag", "Lag", () -> 2));
        late.close();
        assertThat(JMX.getAttribute(name, "lag")).isEqualTo(2);
        successor.close();
        assertThat(JMX.isRegistered(name)).isFalse();
    }

    @Test
    void showsMetricsAsTheWorkersPluginMetrics(TestInfo test) {
        String connector = test.getTestMethod().orElseThrow().getName();
        FakePluginMetrics worker = new FakePluginMetrics();
        ConnectMetrics metrics = ConnectMetrics.ofSource(connector, "0", context(SourceTaskContext.class, worker));
        metrics.register(Map.of("bucket", "a"), set());
        ConnectMetrics.Registration second = metrics.register(Map.of("bucket", "b"), set());
        assertThat(worker.values())
                .containsEntry("lag-revisions{bucket=a}", 3L)
                .containsEntry("records-put-total{bucket=b}", 0L)
                .hasSize(4);
        second.close();
        assertThat(worker.values()).hasSize(2);
        metrics.close();
        assertThat(worker.values()).isEmpty();
    }

    @Test
    void refusesANameThatIsThereAlready() {
        MetricSet set = set();
        assertThatThrownBy(() -> set.counter("records-put", "again", puts))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("records-put-total");
        assertThatThrownBy(() -> set.gauge("lagMs", "camel", () -> 1)).isInstanceOf(IllegalArgumentException.class);
    }

    private MetricSet set() {
        return new MetricSet()
                .gauge("lag-revisions", "How far behind", lag::get)
                .counter("records-put", "Records of puts", puts);
    }

    private static long named(String connector) {
        return JMX.queryNames(null, null).stream()
                .filter(name -> name.getDomain().equals("io.natskv.connect")
                        && ObjectName.quote(connector).equals(name.getKeyProperty("connector")))
                .count();
    }

    /** As before Kafka 4.1, where the method does not exist. */
    private static <T> T oldWorker(Class<T> type) {
        return proxy(type, () -> {
            throw new NoSuchMethodError("pluginMetrics");
        });
    }

    private static <T> T context(Class<T> type, PluginMetrics metrics) {
        return proxy(type, () -> metrics);
    }

    private static <T> T proxy(Class<T> type, java.util.function.Supplier<Object> pluginMetrics) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            assertThat(method.getName()).isEqualTo("pluginMetrics");
            return pluginMetrics.get();
        }));
    }

    /** As the worker's: a name can be added once. */
    private static final class FakePluginMetrics implements PluginMetrics {
        private final Map<MetricName, MetricValueProvider<?>> metrics = new LinkedHashMap<>();

        Map<String, Object> values() {
            Map<String, Object> values = new LinkedHashMap<>();
            metrics.forEach((name, value) -> values.put(name.name() + name.tags(), ((Gauge<?>) value).value(null, 0)));
            return values;
        }

        @Override
        public MetricName metricName(String name, String description, LinkedHashMap<String, String> tags) {
            return new MetricName(name, "plugins", description, tags);
        }

        @Override
        public void addMetric(MetricName name, MetricValueProvider<?> value) {
            assertThat(metrics.put(name, value)).isNull();
        }

        @Override
        public void removeMetric(MetricName name) {
            assertThat(metrics.remove(name)).isNotNull();
        }

        @Override
        public Sensor addSensor(String name) {
            throw new UnsupportedOperationException(name);
        }

        @Override
        public void removeSensor(String name) {
            throw new UnsupportedOperationException(name);
        }
    }
}
