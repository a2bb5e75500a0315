package io.natskv.tools;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the script by which a shell completes commands and options. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints the script by which a shell completes commands and options.",
        footer = {
            "",
            "Examples:",
            "  source <(nats-kv completion bash)                       this shell",
            "  nats-kv completion bash > /etc/bash_completion.d/nats-kv   every shell",
            "  source <(nats-kv completion zsh)"
        })
final class CompletionCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Shell shell;

    /** The script is the same: zsh reads it by bashcompinit, which it loads itself. */
    enum Shell {
        bash,
        zsh
    }

    @Override
    public void run() {
        spec.commandLine()
                .getOut()
                .print(AutoComplete.bash("nats-kv", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
    }
}
