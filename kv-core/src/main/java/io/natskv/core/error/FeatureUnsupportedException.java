package io.natskv.core.error;

/** The server is too old for a feature that was asked for. */
public final class FeatureUnsupportedException extends KvException {
    private static final long serialVersionUID = 1L;

    public FeatureUnsupportedException(String feature, String needs, String server) {
        super(ErrorClass.FATAL, feature + " needs nats-server " + needs + ", this server is " + server);
    }
}
