package io.natskv.core.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.natskv.core.error.ErrorClass;
import io.natskv.core.error.KvException;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.junit.jupiter.api.Test;

class ConnectErrorsTest {
    @Test
    void whatMayPassIsRetriableAndNothingElse() {
        assertThat(ConnectErrors.of(new KvException(ErrorClass.TRANSIENT, "away"), "Bucket \"b\""))
                .isInstanceOf(RetriableException.class)
                .hasMessage("Bucket \"b\": away")
                .hasCauseInstanceOf(KvException.class);
        for (ErrorClass lasting : new ErrorClass[] {ErrorClass.REJECTED, ErrorClass.FATAL}) {
            assertThat(ConnectErrors.of(new KvException(lasting, "no"), ""))
                    .isExactlyInstanceOf(ConnectException.class)
                    .hasMessage("no");
        }
    }
}
