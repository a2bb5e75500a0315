package io.natskv.core.connection;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Whom to trust and who we are, for TLS. Either stores (JKS or PKCS12) or PEM, for each side on its own; without trust
 * settings the JVM's own trust store decides.
 *
 * @param trustStore JKS or PKCS12 file with the certificates to trust
 * @param trustedCertificates PEM text with the certificates to trust
 * @param keyStore JKS or PKCS12 file with our certificate and key
 * @param certificateChain PEM text with our certificate and its chain; with {@code privateKey}
 * @param privateKey PEM text with our private key, PKCS#8 and not encrypted
 * @param verifyHostname whether the server's certificate must name the host that we connect to
 */
public record TlsConfig(
        Optional<Store> trustStore,
        Optional<String> trustedCertificates,
        Optional<Store> keyStore,
        Optional<String> certificateChain,
        Optional<Secret> privateKey,
        boolean verifyHostname) {

    /** Trust and keys of the JVM, with the host name verified. */
    public static final TlsConfig DEFAULT = new TlsConfig(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), true);

    /**
     * A store file.
     *
     * @param type {@code JKS} or {@code PKCS12}
     * @param keyPassword password of the key in it, where it differs from the store's
     */
    public record Store(Path path, String type, Secret password, Optional<Secret> keyPassword) {}

    /** Text that never shows in a log. */
    public record Secret(String text) {
        @Override
        public String toString() {
            return "[hidden]";
        }
    }

    public TlsConfig {
        if (certificateChain.isPresent() != privateKey.isPresent()) {
            throw new IllegalArgumentException("TLS: a certificate chain and its private key go together");
        }
        if (keyStore.isPresent() && certificateChain.isPresent()) {
            throw new IllegalArgumentException("TLS: either a key store or a PEM certificate chain, not both");
        }
        if (trustStore.isPresent() && trustedCertificates.isPresent()) {
            throw new IllegalArgumentException("TLS: either a trust store or PEM trusted certificates, not both");
        }
    }
}
