package io.natskv.testingtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.testing.docs.GeneratedPage;
import io.natskv.testing.docs.SettingsReference;
import java.util.List;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.junit.jupiter.api.Test;

class SettingsReferenceTest {
    private static final ConfigDef DEF = new ConfigDef()
            .define(
                    "b.list",
                    Type.LIST,
                    List.of(),
                    Importance.LOW,
                    "Names with * in them.",
                    "B",
                    2,
                    Width.SHORT,
                    "List")
            .define("a.must", Type.STRING, Importance.HIGH, "Must be.", "A", 1, Width.SHORT, "Must")
            .define(
                    "b.number",
                    Type.INT,
                    5,
                    Range.between(1, 9),
                    Importance.LOW,
                    "A number.",
                    "B",
                    1,
                    Width.SHORT,
                    "N");

    @Test
    void groupsAndOrder() {
        assertThat(SettingsReference.of("Title", "Words.", DEF)).isEqualTo("""
                        # Title

                        <!-- Generated from the code: a test fails when this page differs from it, and says how to write it. -->

                        Words.

                        ## B

                        ### `b.number`
                        A number.

                        - type: int
                        - default: `5`
                        - valid: \\[1,...,9\\]
                        - importance: low

                        ### `b.list`
                        Names with \\* in them.

                        - type: list
                        - default: not set
                        - importance: low

                        ## A

                        ### `a.must`
                        Must be.

                        - type: string
                        - default: none, it must be set
                        - importance: high
                        """);
    }

    @Test
    void aPageThatHasDriftedIsRefused() {
        assertThatThrownBy(() -> GeneratedPage.compare("no-such-page.md", "# Page\n", SettingsReferenceTest.class))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("docs/no-such-page.md has drifted from the code, at \"# Page\"")
                .hasMessageEndingWith("mvn test -pl kv-core -am -Dtest=SettingsReferenceTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dnatskv.docs.write=true");
    }
}
