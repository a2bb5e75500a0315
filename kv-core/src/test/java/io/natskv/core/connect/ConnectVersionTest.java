package io.natskv.core.connect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConnectVersionTest {
    @Test
    void isThatOfTheBuild() {
        assertThat(ConnectVersion.get())
                .isEqualTo(System.getProperty("natskv.version"))
                .matches("\\d+\\.\\d+\\.\\d+(-[A-Za-z0-9.-]+)?");
    }
}
