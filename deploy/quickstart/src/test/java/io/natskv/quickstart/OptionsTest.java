package io.natskv.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {
    private static Options parse(String... args) {
        return Options.parse(List.of(args)).orElseThrow();
    }

    @Test
    void withoutOptionsItRunsSlowlyOnItsOwnServers() {
        Options options = parse();

        assertThat(options.once()).isFalse();
        assertThat(options.nats()).isEmpty();
        assertThat(options.kafka()).isEmpty();
        assertThat(options.rate()).isEqualTo(25);
        assertThat(options.bucket()).isEqualTo("world");
        assertThat(options.topic()).isEqualTo("kv.world");
        assertThat(options.copy()).isEqualTo("world-copy");
    }

    @Test
    void onceMakesTenThousandChanges() {
        Options options = parse("--once");

        assertThat(options.once()).isTrue();
        assertThat(options.changes()).isEqualTo(10_000);
        assertThat(options.rate()).isEqualTo(1_000);
    }

    @Test
    void takesEveryOption() {
        Options options = parse(
                "--once --nats nats://a:4222 --kafka b:9092 --bucket x_1 --changes 7 --rate 3 --seed -5 --connect-port 8083 --keep"
                        .split(" "));

        assertThat(options.nats()).contains("nats://a:4222");
        assertThat(options.kafka()).contains("b:9092");
        assertThat(options.bucket()).isEqualTo("x_1");
        assertThat(options.changes()).isEqualTo(7);
        assertThat(options.rate()).isEqualTo(3);
        assertThat(options.seed()).isEqualTo(-5);
        assertThat(options.connectPort()).isEqualTo(8083);
        assertThat(options.keep()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h"})
    void helpNamesEveryOption(String option) {
        assertThat(Options.parse(List.of("--once", option))).isEmpty();
        assertThat(String.join("\n", Options.help()))
                .contains("--once", "--nats", "--kafka", "--bucket", "--changes", "--rate", "--seed", "--keep")
                .contains("--nats-port", "--kafka-port", "--connect-port")
                .contains(
                        "(" + Options.DEFAULT_CHANGES + ")",
                        "(" + Options.DEFAULT_RATE + "; with --once " + Options.DEFAULT_RATE_ONCE + ")");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --twice                                 | --twice
            --changes                               | --changes needs a value
            --changes 0                             | --changes takes 1 or more, not "0"
            --rate x                                | --rate takes 1 to 1000000, not "x"
            --nats-port 70000                       | --nats-port takes a port
            --kafka broker                          | --kafka takes HOST:PORT
            --nats http://a:1                       | --nats takes an address
            --bucket a.b                            | --bucket takes a bucket name
            --nats nats://a:1 --nats-port 4222      | --nats-port is for a server that is started here
            --kafka a:1 --kafka-port 9092           | --kafka-port is for a broker that is started here
            --keep                                  | --keep is for your own servers
            """)
    void sayWhatIsWrong(String args, String message) {
        assertThatThrownBy(() -> parse(args.split(" ")))
                .isInstanceOf(UserProblem.class)
                .hasMessageContaining(message);
    }

    @Test
    void aMalformedNatsAddressIsNotRepeated() {
        assertThatThrownBy(() -> parse("--nats", "nats://ann:se cret@a:1"))
                .isInstanceOf(UserProblem.class)
                .hasMessageNotContaining("cret");
    }
}
