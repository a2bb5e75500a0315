package io.natskv.tools;

import io.nats.client.JetStreamStatusException;
import io.natskv.core.connect.ConnectVersion;
import io.natskv.core.error.KvException;
import io.natskv.tools.doctor.DoctorCommand;
import io.natskv.tools.lag.LagCommand;
import io.natskv.tools.offsets.OffsetsCommand;
import io.natskv.tools.verify.VerifyCommand;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code nats-kv}. It ends with 0 if all is well, with 1 if it found something (a difference, a setting to change, a lag above the
 * limit), with 2 if it could not do what it was asked to.
 */
@Command(
        name = "nats-kv",
        mixinStandardHelpOptions = true,
        versionProvider = NatsKv.Version.class,
        subcommands = {
            VerifyCommand.class,
            DoctorCommand.class,
            LagCommand.class,
            OffsetsCommand.class,
            CompletionCommand.class
        },
        description = "Checks and mends what joins NATS KV buckets to Kafka.",
        footer = {
            "",
            "Exit codes: 0 all is well, 1 something was found, 2 it could not be done.",
            "Credentials come from files or the environment: --creds, --nkey, NATS_CREDS, NATS_USER and NATS_PASSWORD,"
                    + " NATS_TOKEN.",
            "",
            "Try 'nats-kv verify --help'."
        })
public final class NatsKv implements Callable<Integer> {
    /** Something was found. */
    public static final int FOUND = 1;
    /** What was asked for could not be done. */
    public static final int TROUBLE = 2;

    private static final String NO_JETSTREAM =
            ". Is JetStream on there and for this account, and the domain right (--js-domain)?";

    @Spec
    private CommandSpec spec;

    /** The version of the suite. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"nats-kv " + ConnectVersion.get()};
        }
    }

    public static void main(String[] args) {
        quietLogs(List.of(args));
        int code;
        try {
            code = commandLine().execute(args);
        } catch (OutOfMemoryError e) {
            System.err.println("nats-kv: There is not enough memory: give more by NATS_KV_OPTS=-Xmx1g");
            code = TROUBLE;
        } catch (Error e) { // Java would end with 1, which means that something was found
            System.err.println("nats-kv: Unexpected error: " + e);
            code = TROUBLE;
        }
        System.exit(code);
    }

    /** The program, to be executed once. */
    public static CommandLine commandLine() {
        return new CommandLine(new NatsKv())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setAbbreviatedOptionsAllowed(false)
                .setParameterExceptionHandler(NatsKv::misunderstood)
                .setExecutionExceptionHandler(NatsKv::failed);
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return TROUBLE;
    }

    /** Before any logger is made: what the libraries log is for who asks. */
    private static void quietLogs(List<String> args) {
        String name = "org.slf4j.simpleLogger.defaultLogLevel";
        if (System.getProperty(name) == null) {
            System.setProperty(name, args.contains("-v") || args.contains("--verbose") ? "info" : "off");
        }
    }

    private static int misunderstood(ParameterException error, String[] arguments) {
        CommandLine command = error.getCommandLine();
        command.getErr().println("nats-kv: " + error.getMessage());
        UnmatchedArgumentException.printSuggestions(error, command.getErr());
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        command.getErr().flush();
        return TROUBLE;
    }

    private static int failed(Exception error, CommandLine command, ParseResult parsed) {
        Output output = Output.of(command, parsed);
        output.error(message(error));
        output.trace(error);
        return TROUBLE;
    }

    /** Nobody listens to what JetStream is asked. */
    private static boolean isWithoutJetStream(Exception error) {
        return error.getCause() instanceof JetStreamStatusException answer
                && answer.getStatus().isNoResponders();
    }

    private static String message(Exception error) {
        if (error instanceof ToolException || error instanceof KvException) {
            return error.getMessage() + (isWithoutJetStream(error) ? NO_JETSTREAM : "");
        }
        if (error instanceof TimeoutException) {
            return "The Kafka brokers do not answer: check --bootstrap-server and --kafka-config (" + error.getMessage()
                    + ")";
        }
        if (error instanceof ConfigException) {
            return "A setting is not right: " + error.getMessage();
        }
        if (error instanceof KafkaException) {
            return "Kafka: " + reasons(error);
        }
        return "Unexpected error: " + error + ". Run it again with --verbose to see where";
    }

    /** What a Kafka client can't do says the last of the causes: a store that is not there, a wrong password for it. */
    private static String reasons(Throwable error) {
        Set<String> reasons = new LinkedHashSet<>();
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            String message = String.valueOf(cause.getMessage());
            // It may quote a word of it.
            reasons.add(message.contains("JAAS config") ? "sasl.jaas.config is malformed" : message);
        }
        return String.join(": ", reasons);
    }
}
