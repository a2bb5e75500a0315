package io.natskv.quickstart;

import java.util.ArrayList;
import java.util.List;

/** Addresses, and commands to copy, for who wants to look at the servers while they run. */
final class LookAround {
    private LookAround() {}

    static List<String> lines(Options options, Services services) {
        String rest = services.worker().restUrl();
        String nats = services.nats().displayServers();
        List<String> lines = new ArrayList<>();
        lines.add("Look around while it runs:");
        lines.add("  Kafka Connect  " + rest);
        lines.add("    curl -s '" + rest + "/connectors?expand=status&expand=info'");
        lines.add("    curl -s " + rest + "/connectors/" + Pipeline.SOURCE + "/offsets");
        lines.add("  Kafka          " + services.bootstrap());
        lines.add("    " + consoleConsumer() + " --bootstrap-server " + services.bootstrap() + " --topic "
                + options.topic() + " --from-beginning --formatter-property print.key=true");
        lines.add("    kcat -C -b " + services.bootstrap() + " -t " + options.topic() + " -f '%k %s\\n'");
        lines.add("  NATS           " + nats);
        lines.add("    nats -s " + nats + " kv get " + options.copy() + " currency.EUR");
        lines.add("    nats -s " + nats + " kv watch " + options.copy());
        return lines;
    }

    private static String consoleConsumer() {
        return "java -cp '" + System.getProperty("natskv.kafka.classpath")
                + "/*' org.apache.kafka.tools.consumer.ConsoleConsumer";
    }
}
