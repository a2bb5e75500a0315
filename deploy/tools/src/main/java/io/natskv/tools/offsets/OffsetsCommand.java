package io.natskv.tools.offsets;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The stored offsets of exactly-once sinks. */
@Command(
        name = "offsets",
        mixinStandardHelpOptions = true,
        subcommands = {OffsetsListCommand.class, OffsetsDeleteCommand.class},
        description = "Shows and removes the offsets that sinks with delivery=exactly_once keep in their buckets.")
public final class OffsetsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "list or delete?");
    }
}
