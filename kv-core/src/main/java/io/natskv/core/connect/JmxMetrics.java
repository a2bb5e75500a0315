package io.natskv.core.connect;

import io.natskv.core.connect.ConnectMetrics.Registration;
import io.natskv.core.connect.MetricSet.Metric;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanInfo;
import javax.management.MBeanRegistration;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** The metrics of a task as MBeans, one for each set of tags, with an attribute for each metric. */
final class JmxMetrics {
    private static final String DOMAIN = "io.natskv.connect";

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final Map<String, String> identity = new LinkedHashMap<>();

    JmxMetrics(String type, String connector, String task) {
        identity.put("type", type);
        identity.put("connector", connector);
        identity.put("task", task);
    }

    Registration register(Map<String, String> tags, List<Metric> metrics) {
        Map<String, String> properties = new LinkedHashMap<>(identity);
        properties.putAll(tags);
        MetricsBean bean = new MetricsBean(metrics);
        try {
            ObjectName name = new ObjectName(DOMAIN + ":"
                    + properties.entrySet().stream()
                            .map(tag -> tag.getKey() + "=" + quoted(tag.getValue()))
                            .collect(Collectors.joining(",")));
            while (!bean.registered) {
                try {
                    server.registerMBean(bean, name);
                } catch (InstanceAlreadyExistsException e) {
                    // Of an earlier run of this task, which the worker has given up waiting for.
                    unregister(name);
                }
            }
            return () -> close(bean, name);
        } catch (JMException e) {
            throw new IllegalStateException("Metrics of " + properties + " can't be registered: " + e.getMessage(), e);
        }
    }

    private void close(MetricsBean bean, ObjectName name) {
        if (bean.registered) { // else there is another one under this name by now
            try {
                unregister(name);
            } catch (JMException e) {
                throw new IllegalStateException("Metrics " + name + " can't be removed: " + e.getMessage(), e);
            }
        }
    }

    private void unregister(ObjectName name) throws JMException {
        try {
            server.unregisterMBean(name);
        } catch (InstanceNotFoundException e) {
            // somebody was faster
        }
    }

    private static String quoted(String value) {
        return value.matches("[\\w.%-]+") ? value : ObjectName.quote(value);
    }

    /** Read-only attributes, read when they are asked for. */
    private static final class MetricsBean implements DynamicMBean, MBeanRegistration {
        private final Map<String, Metric> metrics = new LinkedHashMap<>();
        private volatile boolean registered;

        private MetricsBean(List<Metric> metrics) {
            metrics.forEach(metric -> this.metrics.put(metric.name(), metric));
        }

        @Override
        public Object getAttribute(String name) throws AttributeNotFoundException {
            Metric metric = metrics.get(name);
            if (metric == null) {
                throw new AttributeNotFoundException("No metric " + name);
            }
            return metric.value().get();
        }

        @Override
        public AttributeList getAttributes(String[] names) {
            AttributeList found = new AttributeList();
            for (String name : names) {
                if (metrics.containsKey(name)) {
                    found.add(new Attribute(name, metrics.get(name).value().get()));
                }
            }
            return found;
        }

        @Override
        public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
            throw new AttributeNotFoundException("Metrics are read-only");
        }

        @Override
        public AttributeList setAttributes(AttributeList attributes) {
            return new AttributeList();
        }

        @Override
        public Object invoke(String action, Object[] arguments, String[] signature) {
            throw new UnsupportedOperationException("Metrics have no operations");
        }

        @Override
        public MBeanInfo getMBeanInfo() {
            MBeanAttributeInfo[] attributes = metrics.values().stream()
                    .map(metric -> new MBeanAttributeInfo(
                            metric.name(), Number.class.getName(), metric.description(), true, false, false))
                    .toArray(MBeanAttributeInfo[]::new);
            return new MBeanInfo(MetricsBean.class.getName(), "Metrics of a task", attributes, null, null, null);
        }

        @Override
        public ObjectName preRegister(MBeanServer server, ObjectName name) {
            return name;
        }

        @Override
        public void postRegister(Boolean done) {
            registered = done;
        }

        @Override
        public void preDeregister() {
            // nothing to release
        }

        @Override
        public void postDeregister() {
            registered = false;
        }
    }
}
