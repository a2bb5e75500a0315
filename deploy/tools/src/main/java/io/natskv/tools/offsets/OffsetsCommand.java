package io.natskv.tools.offsets;

import io.natskv.tools.NatsKv;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The stored offsets of exactly-once sinks. */
@Command(
        name = "offsets",
        mixinStandardHelpOptions = true,
        subcommands = {OffsetsListCommand.class, OffsetsDeleteCommand.class},
        description = "Shows and removes the offsets that sinks with delivery=exactly_once keep in their buckets.")
public final class OffsetsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return NatsKv.TROUBLE;
    }
}
