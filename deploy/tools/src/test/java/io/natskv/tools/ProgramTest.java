package io.natskv.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"verify", "doctor", "lag", "offsets list", "offsets delete"})
    void everyCommandExplainsItselfWithExamples(String command) {
        String[] words = (command + " --help").split(" ");
        Run run = Run.of(words);
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Usage: nats-kv " + command, "Examples:", "nats-kv " + command + " ");
        assertThat(run.out()).doesNotContain("\u001b");
    }

    @ParameterizedTest
    @CsvSource({
        "frobnicate",
        "verify",
        "verify b",
        "verify b --topic t --record-value avro",
        "verify b --made-by-sink --copy c",
        "verify b --copy b",
        "verify b --copy c --filter a.> --filter a.b",
        "verify b --copy c --filter a..b",
        "verify b --topic t --envelope-value json",
        "verify b --copy c --settle soon",
        "verify b --copy c --max-differences 0",
        "verify b --copy c --config none.json",
        "doctor",
        "offsets",
        "offsets delete b",
        "offsets delete b --id x --partition 1",
        "completion fish"
    })
    void whatIsNotUnderstoodEndsWithTwo(String arguments) {
        Run run = Run.of(arguments.split(" "));
        assertThat(run.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isNotBlank().doesNotContain("\tat ");
    }

    @Test
    void aServerThatIsNotThereIsNamedWithoutATrace() {
        Run run = Run.of("offsets", "list", "--server", "nats://127.0.0.1:1");
        assertThat(run.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(run.err()).contains("127.0.0.1:1").doesNotContain("\tat ");
        Run verbose = Run.of("offsets", "list", "--server", "nats://127.0.0.1:1", "--verbose");
        assertThat(verbose.err()).contains("127.0.0.1:1", "\tat io.natskv");
    }

    @Test
    void aWorkerThatIsNotThereIsNamed() {
        Run run = Run.of("lag", "--connect", "http://127.0.0.1:1");
        assertThat(run.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(run.err()).contains("No Connect worker answers at http://127.0.0.1:1", "--connect");
    }

    @Test
    void aConfigurationIsReadAsFarAsItIsUnderstood() throws Exception {
        assertThat(errorOf("record.value=xml")).contains("record.value=xml", "[bytes, string, json, envelope, auto]");
        assertThat(errorOf("value.converter=io.confluent.connect.avro.AvroConverter"))
                .contains("AvroConverter", "--compare revision");
        assertThat(errorOf("connector.class=io.natskv.connect.sink.NatsKvSinkConnector\nwrite.mode=create"))
                .contains("write.mode=create");
        assertThat(errorOf("connector.class=io.natskv.connect.sink.NatsKvSinkConnector\nkey.template=${value.id}"))
                .contains("key.template=${value.id}");
        assertThat(errorOf("connector.class=io.natskv.connect.sink.NatsKvSinkConnector\nenvelope=never\n"
                        + "value.converter=org.apache.kafka.connect.json.JsonConverter"))
                .contains("envelope=never");
        assertThat(errorOf("record.key.codec=rot13")).contains("record.key.codec=rot13");
        assertThat(errorOf("kv.key.filters=a.>,a.b")).contains("\"a.>\" and \"a.b\" select the same keys");
    }

    private String errorOf(String settings) throws Exception {
        Path file = folder.resolve("connector.properties");
        Files.writeString(file, settings + "\nname=c\n");
        Run run = Run.of("verify", "b", "--topic", "t", "--config", file.toString(), "-s", "nats://127.0.0.1:1");
        assertThat(run.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(run.err()).doesNotContain("\tat ", "Unexpected");
        return run.err();
    }

    @Test
    void whatMovesATerminalsCursorIsWrittenOut() {
        assertThat(Output.printable("a\u001b[2Jb\u009b\u202ec\n \u00fc"))
                .isEqualTo("a\\u001b[2Jb\\u009b\\u202ec\\u000a \u00fc");
    }

    @Test
    void thePasswordInAnAddressIsNotRepeated() {
        Run run = Run.of("lag", "--verbose", "--connect", "http://me:s3cr3t@127.0.0.1:1/");
        assertThat(run.err())
                .contains("No Connect worker answers at http://127.0.0.1:1 ")
                .doesNotContain("s3cr3t");
    }

    @Test
    void doctorRefusesWhatIsNoneOfItsConnectors() throws Exception {
        Path file = folder.resolve("other.properties");
        Files.writeString(file, "connector.class=org.apache.kafka.connect.file.FileStreamSourceConnector\n");
        Run run = Run.of("doctor", file.toString());
        assertThat(run.code()).isEqualTo(NatsKv.TROUBLE);
        assertThat(run.err()).contains("FileStreamSourceConnector, none of this suite");
        assertThat(Run.of("doctor", folder.resolve("none.json").toString()).code())
                .isEqualTo(NatsKv.TROUBLE);
    }

    @Test
    void theCompletionScriptKnowsCommandsAndOptions() {
        Run run = Run.of("completion", "bash");
        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("complete -F _complete_nats-kv")
                .contains("--bootstrap-server", "--made-by-sink", "doctor", "offsets");
    }
}
