package io.natskv.plugin;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** The MBeans of a Java process of this machine and user. */
final class Jmx implements AutoCloseable {
    private final JMXConnector connector;
    private final MBeanServerConnection server;

    private Jmx(JMXConnector connector) throws IOException {
        this.connector = connector;
        this.server = connector.getMBeanServerConnection();
    }

    static Jmx of(long pid) throws IOException, AttachNotSupportedException {
        VirtualMachine process = VirtualMachine.attach(Long.toString(pid));
        try {
            return new Jmx(JMXConnectorFactory.connect(new JMXServiceURL(process.startLocalManagementAgent())));
        } finally {
            process.detach();
        }
    }

    /** The names that a pattern selects. */
    Set<ObjectName> names(String pattern) throws IOException, JMException {
        return server.queryNames(new ObjectName(pattern), null);
    }

    /** An attribute of the one MBean that a pattern selects. */
    long value(String pattern, String attribute) throws IOException, JMException {
        Set<ObjectName> names = names(pattern);
        if (names.size() != 1) {
            throw new IllegalStateException(pattern + " selects " + names);
        }
        return ((Number) server.getAttribute(names.iterator().next(), attribute)).longValue();
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
