package io.natskv.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParseResult;

/** Where answers go: results to the standard output; progress, questions and errors beside it. */
public final class Output {
    /** Whatever the terminal's character set is, JSON can be read. */
    private static final ObjectWriter JSON =
            new ObjectMapper().writerWithDefaultPrettyPrinter().with(JsonWriteFeature.ESCAPE_NON_ASCII);
    /** Also those above ASCII, and those that turn the direction of what follows. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Cf}]");

    private static final long PROGRESS_EVERY = 200_000_000;

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;
    private final boolean verbose;
    private final boolean colours;
    private final boolean terminal;
    private long shown;
    private boolean progressShown;

    /** What a text is, for its colour. */
    public enum Tone {
        GOOD("32"),
        WARNING("33"),
        BAD("31"),
        STRONG("1"),
        FAINT("2");

        private final String code;

        Tone(String code) {
            this.code = code;
        }
    }

    private Output(CommandLine command, boolean json, boolean verbose, OutputOptions.When color) {
        out = command.getOut();
        err = command.getErr();
        this.json = json;
        this.verbose = verbose;
        colours = switch (color) {
            case always -> true;
            case never -> false;
            case auto -> isTerminal("stdout") && Ansi.AUTO.enabled();
        };
        terminal = isTerminal("stderr");
    }

    /** That of a command. */
    public static Output of(CommandLine command, OutputOptions options) {
        return new Output(command, options.json(), options.verbose(), options.color());
    }

    /** That of a command that failed, by what was typed. */
    static Output of(CommandLine command, ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return new Output(
                command,
                last.hasMatchedOption("--json"),
                last.hasMatchedOption("--verbose"),
                last.matchedOptionValue("--color", OutputOptions.When.auto));
    }

    /** The start script knows; Java itself tells only of both at once. */
    private static boolean isTerminal(String stream) {
        String told = System.getProperty("natskv.tools.terminal." + stream);
        return told == null ? System.console() != null : Boolean.parseBoolean(told);
    }

    public boolean isJson() {
        return json;
    }

    /** A line of the result. */
    public void line(String text) {
        endProgress();
        out.println(text);
        out.flush();
    }

    /** The result as JSON, in place of lines. */
    public void json(Object value) {
        endProgress();
        try {
            out.println(JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
        out.flush();
    }

    /** A text from outside, without what moves a terminal's cursor. */
    public static String printable(String text) {
        return CONTROL.matcher(text)
                .replaceAll(
                        found -> String.format("\\\\u%04x", (int) found.group().charAt(0)));
    }

    /** A table: columns are as wide as their widest cell. */
    public void table(List<String> head, List<List<String>> rows) {
        int[] widths = new int[head.size()];
        List<List<String>> all = new ArrayList<>();
        all.add(head);
        rows.forEach(row -> all.add(row.stream().map(Output::printable).toList()));
        all.forEach(row ->
                Arrays.setAll(widths, i -> Math.max(widths[i], row.get(i).length())));
        for (int r = 0; r < all.size(); r++) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = all.get(r).get(i);
                line.append(cell);
                if (i < widths.length - 1) {
                    line.append(" ".repeat(widths[i] - cell.length() + 2));
                }
            }
            line(r == 0 ? paint(Tone.STRONG, line.toString()) : line.toString());
        }
    }

    /** A text in its colour, where there are colours. */
    public String paint(Tone tone, String text) {
        return colours ? "\u001b[" + tone.code + "m" + text + "\u001b[0m" : text;
    }

    /** Something that is not the result, as a question. */
    public void note(String text) {
        endProgress();
        err.println(text);
        err.flush();
    }

    /** What went wrong. */
    public void error(String text) {
        note("nats-kv: " + text.lines().map(Output::printable).collect(Collectors.joining("\n")));
    }

    /** Where an error comes from, for who asks. */
    void trace(Throwable error) {
        if (verbose) {
            error.printStackTrace(err);
            err.flush();
        }
    }

    /** How far it is, on a terminal, a few times a second. */
    public void progress(Supplier<String> text) {
        long now = System.nanoTime();
        if (terminal && (!progressShown || now - shown > PROGRESS_EVERY)) {
            shown = now;
            progressShown = true;
            err.print("\r\u001b[K" + text.get());
            err.flush();
        }
    }

    private void endProgress() {
        if (progressShown) {
            progressShown = false;
            err.print("\r\u001b[K");
            err.flush();
        }
    }
}
