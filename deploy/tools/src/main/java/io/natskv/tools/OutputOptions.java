package io.natskv.tools;

import picocli.CommandLine.Option;

/** How a command answers. */
public final class OutputOptions {
    @Option(names = "--json", description = "Answer in JSON.")
    private boolean json;

    @Option(
            names = "--color",
            paramLabel = "WHEN",
            defaultValue = "auto",
            description = "Colours: ${COMPLETION-CANDIDATES}. auto: on a terminal, unless NO_COLOR is set.")
    private When color;

    @Option(
            names = {"-v", "--verbose"},
            description = "Show what the libraries log, and where an error comes from.")
    private boolean verbose;

    /** When there are colours. */
    enum When {
        auto,
        always,
        never
    }

    boolean json() {
        return json;
    }

    When color() {
        return color;
    }

    boolean verbose() {
        return verbose;
    }
}
