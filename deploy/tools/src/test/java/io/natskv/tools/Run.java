package io.natskv.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import picocli.CommandLine;

/**
 * One run of the program in this process.
 *
 * @param code what it ended with
 */
public record Run(int code, String out, String err) {
    /** Runs it with these arguments. */
    public static Run of(List<String> arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine program = NatsKv.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        int code = program.execute(arguments.toArray(String[]::new));
        Run run = new Run(code, out.toString(), err.toString());
        System.out.println("nats-kv " + String.join(" ", arguments) + "\n" + run.out + run.err + "-> " + code);
        return run;
    }

    public static Run of(String... arguments) {
        return of(List.of(arguments));
    }

    /** What it answered, as JSON. */
    public JsonNode json() throws JsonProcessingException {
        return new ObjectMapper().readTree(out);
    }
}
