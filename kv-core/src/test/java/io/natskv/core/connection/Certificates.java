package io.natskv.core.connection;

import io.natskv.core.connection.TlsConfig.Secret;
import io.natskv.core.connection.TlsConfig.Store;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A certificate authority and what it signs, made with the JDK's keytool, and written as PEM and as stores of any type. */
final class Certificates {
    static final String PASSWORD = "store-password";
    private static final String CA = "ca";

    private final Path folder;
    private final KeyStore store;

    private Certificates(Path folder, KeyStore store) {
        this.folder = folder;
        this.store = store;
    }

    /** What to sign: an alias and keytool's further arguments. */
    record Wish(String alias, List<String> arguments) {
        static Wish of(String alias, String... arguments) {
            return new Wish(alias, List.of(arguments));
        }
    }

    /** An authority of its own, and a certificate for each wish. */
    static Certificates make(Path folder, Wish... wishes) {
        Path file = folder.resolve("made.p12");
        keytool(file, CA, List.of("-ext", "bc:c"));
        for (Wish wish : wishes) {
            List<String> arguments = new ArrayList<>(wish.arguments());
            arguments.addAll(List.of("-signer", CA, "-signerkeypass", PASSWORD));
            keytool(file, wish.alias(), arguments);
        }
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, PASSWORD.toCharArray());
            return new Certificates(folder, store);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void keytool(Path file, String alias, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-keystore",
                file.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-alias",
                alias,
                "-dname",
                "CN=" + alias,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1"));
        command.addAll(arguments);
        Path log = file.resolveSibling("keytool.log");
        try {
            int exit = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("keytool: " + Files.readString(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The authority's own certificate. */
    String caPem() {
        return pem("CERTIFICATE", chain(CA)[0]::getEncoded);
    }

    /** A certificate with what leads to the authority. */
    String chainPem(String alias) {
        StringBuilder text = new StringBuilder();
        for (Certificate certificate : chain(alias)) {
            text.append(pem("CERTIFICATE", certificate::getEncoded));
        }
        return text.toString();
    }

    String keyPem(String alias) {
        return pem("PRIVATE KEY", () -> key(alias).getEncoded());
    }

    /** The authority's certificate as a trust store. */
    Store trustStore(String type) {
        return write("trust-" + type, type, PASSWORD, out -> out.setCertificateEntry(CA, chain(CA)[0]));
    }

    /** A certificate and its key as a store, with a password of its own for the key. */
    Store keyStore(String alias, String type, String keyPassword) {
        return write(
                alias + "-" + type,
                type,
                keyPassword,
                out -> out.setKeyEntry(alias, key(alias), keyPassword.toCharArray(), chain(alias)));
    }

    /** The lines of a server's {@code tls} block, without its braces. */
    String serverConfig(String alias) {
        return "cert_file: \"" + write(alias + ".pem", chainPem(alias)) + "\"\nkey_file: \""
                + write(alias + ".key", keyPem(alias)) + "\"\n";
    }

    /** Lines that have a server demand certificates of this authority from its clients. */
    String demandClientCertificates() {
        return "ca_file: \"" + write("ca.pem", caPem()) + "\"\nverify: true\n";
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Filling {
        void fill(KeyStore store) throws GeneralSecurityException;
    }

    private Store write(String name, String type, String keyPassword, Filling filling) {
        Path file = folder.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            KeyStore written = KeyStore.getInstance(type);
            written.load(null, null);
            filling.fill(written);
            written.store(out, PASSWORD.toCharArray());
            Optional<Secret> own =
                    keyPassword.equals(PASSWORD) ? Optional.empty() : Optional.of(new Secret(keyPassword));
            return new Store(file, type, new Secret(PASSWORD), own);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Key key(String alias) {
        try {
            return store.getKey(alias, PASSWORD.toCharArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Certificate[] chain(String alias) {
        try {
            return store.getCertificateChain(alias);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Encoding {
        byte[] bytes() throws GeneralSecurityException;
    }

    private static String pem(String kind, Encoding encoding) {
        try {
            String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                    .encodeToString(encoding.bytes());
            return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
