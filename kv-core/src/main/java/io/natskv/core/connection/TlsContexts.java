package io.natskv.core.connection;

import io.natskv.core.error.TlsException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Makes an {@link SSLContext} of a {@link TlsConfig}. */
final class TlsContexts {
    private static final char[] NO_PASSWORD = new char[0];

    private TlsContexts() {}

    /** @throws TlsException if a store or a PEM text can't be used; the message says which */
    static SSLContext of(TlsConfig config) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(config), trustManagers(config), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw unusable("settings", e);
        }
    }

    private static KeyManager[] keyManagers(TlsConfig config) throws GeneralSecurityException {
        KeyStore store;
        char[] password;
        if (config.keyStore().isPresent()) {
            TlsConfig.Store file = config.keyStore().get();
            store = load("key store", file);
            password = file.keyPassword().orElse(file.password()).text().toCharArray();
        } else if (config.certificateChain().isPresent()) {
            Collection<? extends Certificate> chain =
                    certificates("certificate chain", config.certificateChain().get());
            store = empty();
            password = NO_PASSWORD;
            store.setKeyEntry(
                    "client",
                    privateKey(config.privateKey().orElseThrow().text()),
                    password,
                    chain.toArray(new Certificate[0]));
        } else {
            return null;
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        try {
            factory.init(store, password);
        } catch (UnrecoverableKeyException e) {
            throw unusable("key store's key", e);
        }
        return factory.getKeyManagers();
    }

    private static TrustManager[] trustManagers(TlsConfig config) throws GeneralSecurityException {
        KeyStore store = null;
        if (config.trustStore().isPresent()) {
            store = load("trust store", config.trustStore().get());
        } else if (config.trustedCertificates().isPresent()) {
            store = empty();
            int number = 0;
            for (Certificate certificate : certificates(
                    "trusted certificates", config.trustedCertificates().get())) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        TrustManager[] managers = factory.getTrustManagers();
        for (int i = 0; i < managers.length; i++) {
            if (config.verifyHostname() && managers[i] instanceof X509ExtendedTrustManager x509) {
                managers[i] = new HostnameVerifying(x509);
            }
        }
        return managers;
    }

    private static TlsException unusable(String what, Exception cause) {
        String why = cause instanceof NoSuchFileException ? "no such file" : cause.getMessage();
        return new TlsException("TLS " + what + " can't be used: " + why, cause);
    }

    private static KeyStore empty() throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new KeyStoreException(e);
        }
        return store;
    }

    private static KeyStore load(String what, TlsConfig.Store file) {
        try (InputStream in = Files.newInputStream(file.path())) {
            KeyStore store = KeyStore.getInstance(file.type());
            store.load(in, file.password().text().toCharArray());
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw unusable(what + " " + file.path() + " (" + file.type() + ")", e);
        }
    }

    private static Collection<? extends Certificate> certificates(String what, String pem) {
        try {
            Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
            if (found.isEmpty()) {
                throw new CertificateException("no certificate in the PEM text");
            }
            return found;
        } catch (CertificateException e) {
            throw unusable(what, e);
        }
    }

    private static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        String begin = "-----BEGIN PRIVATE KEY-----";
        int start = pem.indexOf(begin);
        int end = pem.indexOf("-----END PRIVATE KEY-----");
        if (start < 0 || end < start) {
            throw new InvalidKeySpecException("the private key must be PKCS#8 PEM, not encrypted (BEGIN PRIVATE KEY)");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.substring(start + begin.length(), end));
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // not of this algorithm; the next one, or the error below
            }
        }
        throw new InvalidKeySpecException("the private key is neither RSA, EC nor EdDSA");
    }

    /** jnats leaves endpoint identification off: a valid certificate of any other host would pass. This turns it on. */
    private static final class HostnameVerifying extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager delegate;

        private HostnameVerifying(X509ExtendedTrustManager delegate) {
            this.delegate = delegate;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            if (socket instanceof SSLSocket ssl) {
                SSLParameters parameters = ssl.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                ssl.setSSLParameters(parameters);
            }
            delegate.checkServerTrusted(chain, authType, socket);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            delegate.checkServerTrusted(chain, authType, engine);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("The host name can't be verified on this kind of connection");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            delegate.checkClientTrusted(chain, authType, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            delegate.checkClientTrusted(chain, authType, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            delegate.checkClientTrusted(chain, authType);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return delegate.getAcceptedIssuers();
        }
    }
}
