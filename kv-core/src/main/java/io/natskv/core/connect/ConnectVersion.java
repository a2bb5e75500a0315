package io.natskv.core.connect;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version that connectors and tasks report: the build's, always a plain semantic version (KIP-891 compares it). */
public final class ConnectVersion {
    private static final String VERSION = read();

    private ConnectVersion() {}

    public static String get() {
        return VERSION;
    }

    private static String read() {
        try (InputStream in = ConnectVersion.class.getResourceAsStream("version.properties")) {
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
