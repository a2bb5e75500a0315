package io.natskv.benchmarks;

import io.nats.client.Nats;
import io.natskv.core.connect.ConnectVersion;
import io.natskv.testing.nats.NatsServerBinary;
import io.natskv.testing.nats.NatsVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.component.nats.NatsComponent;
import org.apache.kafka.common.utils.AppInfoParser;

/** What is measured, and on what it stands. */
final class Versions {
    /** The start script tells from which commit the suite was built. */
    static final String COMMIT = "natskv.benchmarks.commit";

    private static final Pattern SERVER = Pattern.compile("nats-server: v(\\S+)");

    private Versions() {}

    static Map<String, String> here() {
        Map<String, String> versions = new TreeMap<>();
        versions.put("suite", ConnectVersion.get());
        versions.put("jnats", Nats.CLIENT_VERSION);
        versions.put("natsServer", server());
        versions.put("kafka", AppInfoParser.getVersion());
        versions.put("camel", CamelContext.class.getPackage().getImplementationVersion());
        versions.put("camelNats", NatsComponent.class.getPackage().getImplementationVersion());
        Optional.ofNullable(System.getProperty(COMMIT))
                .filter(commit -> !commit.isEmpty())
                .ifPresent(commit -> versions.put("commit", commit));
        return versions;
    }

    /** Of the program itself: one of the same line may stand in for the version that is asked for. */
    private static String server() {
        NatsVersion wanted = NatsVersion.latest();
        try {
            Process process = new ProcessBuilder(NatsServerBinary.of(wanted).toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            Matcher told = SERVER.matcher(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            return told.find() ? told.group(1) : wanted.number();
        } catch (IOException e) {
            throw new UserProblem("Can't run the NATS server: " + e.getMessage());
        }
    }
}
