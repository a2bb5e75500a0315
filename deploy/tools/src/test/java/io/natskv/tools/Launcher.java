package io.natskv.tools;

import io.natskv.testing.process.ManagedProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The packaged program, unpacked, as a process of its own. */
final class Launcher {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final Path folder;
    private final Path script;

    /** How it ended. */
    record Result(int code, String out, String err) {}

    private Launcher(Path folder, Path script) {
        this.folder = folder;
        this.script = script;
    }

    /** Unpacks the zip that this build has made. */
    static Launcher unpack(Path folder) throws IOException {
        try (ZipFile zip = new ZipFile(System.getProperty("natskv.tools.zip"))) {
            for (ZipEntry entry : zip.stream().toList()) {
                Path target = folder.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(target);
                } else {
                    Files.createDirectories(target.getParent());
                    try (InputStream in = zip.getInputStream(entry)) {
                        Files.copy(in, target);
                    }
                }
            }
        }
        Path script = folder.resolve("nats-kv-tools-" + System.getProperty("natskv.version") + "/bin/nats-kv");
        // Java's own zip reader does not take over what unzip does.
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new Launcher(folder, script);
    }

    /** Starts it. */
    ManagedProcess start(Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "/bin/bash",
                "-c",
                "out=$1; err=$2; shift 2; exec \"$@\" >\"$out\" 2>\"$err\" </dev/null",
                "run",
                folder.resolve("out").toString(),
                folder.resolve("err").toString(),
                script.toString()));
        command.addAll(List.of(arguments));
        ManagedProcess.Builder builder =
                ManagedProcess.builder("nats-kv", command).directory(folder).logFile(folder.resolve("log"));
        environment.forEach(builder::environment);
        return builder.launch();
    }

    /** Waits for its end. */
    Result end(ManagedProcess process) throws IOException {
        int code = process.awaitEnd(LIMIT);
        Result result =
                new Result(code, Files.readString(folder.resolve("out")), Files.readString(folder.resolve("err")));
        System.out.println(result.out + result.err + "-> " + code);
        return result;
    }

    /** Runs it to its end. */
    Result run(Map<String, String> environment, String... arguments) throws IOException {
        System.out.println("nats-kv " + String.join(" ", arguments));
        try (ManagedProcess process = start(environment, arguments)) {
            return end(process);
        }
    }

    /** What a shell offers behind what was typed so far. */
    List<String> completionsOf(String typed) throws IOException {
        String script = """
            source <("$1" completion bash)
            line=$2
            read -r -a COMP_WORDS <<<"$line"
            [[ $line != *' ' ]] || COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line}
            _complete_nats-kv
            printf '%s\\n' "${COMPREPLY[@]}" >"$3"
            """;
        Path answer = folder.resolve("completions");
        try (ManagedProcess process = ManagedProcess.builder(
                        "bash",
                        List.of(
                                "/bin/bash",
                                "-c",
                                script,
                                "complete",
                                this.script.toString(),
                                typed,
                                answer.toString()))
                .directory(folder)
                .logFile(folder.resolve("log"))
                .launch()) {
            process.awaitEnd(LIMIT);
        }
        return Files.readAllLines(answer);
    }
}
