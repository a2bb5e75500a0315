package io.natskv.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Docker Compose as a user has it on the command line: the plugin of the client, or the older program. */
final class Compose {
    private static final List<List<String>> COMMANDS = List.of(List.of("docker", "compose"), List.of("docker-compose"));

    private final List<String> command;
    private final Map<String, String> environment;
    private final Path folder;

    private Compose(List<String> command, Path folder, Map<String, String> environment) {
        this.command = command;
        this.folder = folder;
        this.environment = environment;
    }

    /**
     * The Compose of this machine, if there is one.
     *
     * @param folder where compose.yaml is
     * @param environment variables for it
     */
    static Optional<Compose> find(Path folder, Map<String, String> environment) throws IOException {
        for (List<String> command : COMMANDS) {
            Compose compose = new Compose(command, folder, environment);
            if (compose.answers()) {
                return Optional.of(compose);
            }
        }
        return Optional.empty();
    }

    /**
     * Runs a command of Compose to its end, and returns what it printed.
     *
     * @throws IllegalStateException if it fails; the message carries the end of what it printed
     */
    String run(String... arguments) throws IOException {
        Process process = start(arguments);
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.onExit().join().exitValue() != 0) {
            List<String> lines = out.lines().toList();
            throw new IllegalStateException(String.join(" ", command) + " " + String.join(" ", arguments) + " failed:\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size())));
        }
        return out;
    }

    private boolean answers() {
        try {
            Process process = start("version");
            process.getInputStream().readAllBytes();
            return process.onExit().join().exitValue() == 0;
        } catch (IOException e) {
            // There is no such program.
            return false;
        }
    }

    private Process start(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(command);
        line.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(line).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }
}
