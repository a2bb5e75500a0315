package io.natskv.tools.doctor;

import io.natskv.connect.sink.config.SinkConfig;
import io.natskv.connect.source.NatsKvSourceConnector;
import io.natskv.core.connect.GivenSettings;
import io.natskv.core.connect.UnknownSettings;
import io.natskv.tools.KafkaOptions;
import io.natskv.tools.NatsKv;
import io.natskv.tools.Output;
import io.natskv.tools.Output.Tone;
import io.natskv.tools.OutputOptions;
import io.natskv.tools.SettingsFile;
import io.natskv.tools.doctor.Finding.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Checks a connector's configuration against the live servers. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Checks a connector's configuration against the live servers, as the connector would: connection, TLS,"
                    + " permissions, JetStream and its API level, buckets, topics. Says in plain words what to change."
                    + " Changes nothing itself.",
            "",
            "References as $${env:NAME} and $${file:/path:key} are replaced as a worker does."
        },
        footer = {
            "",
            "Exit codes: 0 nothing to change, 1 something to change, 2 it could not be done.",
            "",
            "Examples:",
            "  nats-kv doctor orders-source.json -b localhost:9092",
            "  nats-kv doctor orders-sink.properties -b localhost:9092 --kafka-config client.properties --json"
        })
public final class DoctorCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            description = "The connector's configuration: properties, or JSON as for Connect's REST API.")
    private Path file;

    @Option(names = "--errors-only", description = "Warnings do not count for the exit code.")
    private boolean errorsOnly;

    @Mixin
    private KafkaOptions kafka;

    @Mixin
    private OutputOptions outputOptions;

    @Override
    public Integer call() {
        Output output = Output.of(spec.commandLine(), outputOptions);
        Map<String, String> settings = SettingsFile.connector(file);
        output.progress(() -> "checking " + file);
        Patient patient = new Patient(settings);
        List<Finding> findings = new ArrayList<>(settingsOf(patient));
        NatsLook nats = new NatsLook(patient);
        findings.addAll(nats.run());
        kafka.settings(KafkaOptions.ofConnector(settings))
                .ifPresentOrElse(
                        client -> findings.addAll(new KafkaLook(patient, nats).run(client)),
                        () -> findings.add(Finding.note(
                                "Kafka", "The topics were not looked at: give --bootstrap-server HOST:PORT")));
        show(patient, findings, output);
        return findings.stream().anyMatch(this::counts) ? NatsKv.FOUND : 0;
    }

    private boolean counts(Finding finding) {
        return finding.level() == Level.error || finding.level() == Level.warning && !errorsOnly;
    }

    private static List<Finding> settingsOf(Patient patient) {
        List<Finding> findings = new ArrayList<>();
        for (String name : SettingsFile.unresolved(patient.settings())) {
            findings.add(Finding.warning(
                    "settings",
                    name,
                    "Its reference to a config provider can't be resolved here, so nothing can be said about it"));
        }
        patient.errors()
                .forEach((name, messages) ->
                        messages.forEach(message -> findings.add(Finding.error("settings", name, message))));
        if (findings.isEmpty()) {
            findings.add(Finding.ok("settings", "The connector takes them"));
        }
        if (patient.isSource() && patient.errors().isEmpty()) {
            NatsKvSourceConnector.warnings(patient.settings())
                    .forEach(warning -> findings.add(Finding.warning("settings", null, warning)));
        }
        if (!patient.isSource()) {
            UnknownSettings.ofSink(SinkConfig.DEF.names())
                    .of(patient.settings())
                    .forEach(unknown -> findings.add(Finding.warning("settings", unknown.name(), unknown.message())));
        }
        return findings;
    }

    private static void show(Patient patient, List<Finding> findings, Output output) {
        long errors = count(findings, Level.error);
        long warnings = count(findings, Level.warning);
        if (output.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("connector", GivenSettings.text(patient.settings(), "name"));
            json.put("type", patient.isSource() ? "source" : "sink");
            json.put("errors", errors);
            json.put("warnings", warnings);
            json.put("findings", findings);
            output.json(json);
            return;
        }
        String area = "";
        for (Finding finding : findings) {
            if (!finding.area().equals(area)) {
                area = finding.area();
                output.line(output.paint(Tone.STRONG, area));
            }
            output.line("  " + output.paint(tone(finding.level()), "%-8s".formatted(finding.level()))
                    + (finding.setting() == null ? "" : finding.setting() + ": ")
                    + Output.printable(finding.message()));
        }
        output.line(
                errors + warnings == 0
                        ? output.paint(Tone.GOOD, "Nothing to change.")
                        : output.paint(
                                errors > 0 ? Tone.BAD : Tone.WARNING,
                                errors
                                        + (errors == 1 ? " error, " : " errors, ")
                                        + warnings
                                        + (warnings == 1 ? " warning." : " warnings.")));
    }

    private static long count(List<Finding> findings, Level level) {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }

    private static Tone tone(Level level) {
        return switch (level) {
            case error -> Tone.BAD;
            case warning -> Tone.WARNING;
            case note -> Tone.FAINT;
            case ok -> Tone.GOOD;
        };
    }
}
