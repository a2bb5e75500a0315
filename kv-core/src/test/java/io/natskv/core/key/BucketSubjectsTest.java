package io.natskv.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.natskv.core.error.InvalidBucketException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BucketSubjectsTest {
    @ParameterizedTest
    @CsvSource({
        "$JS.API., $KV.orders.a.b",
        // a domain
        "$JS.hub.API., $JS.hub.API.$KV.orders.a.b",
        // another account's API
        "JS.other.API., JS.other.API.$KV.orders.a.b"
    })
    void onlyWritesGoThroughThePrefix(String apiPrefix, String writeSubject) {
        BucketSubjects subjects = BucketSubjects.of("orders", apiPrefix);
        assertThat(subjects.bucket()).isEqualTo("orders");
        assertThat(subjects.stream()).isEqualTo("KV_orders").isEqualTo(BucketSubjects.streamOf("orders"));
        assertThat(subjects.writeSubject("a.b")).isEqualTo(writeSubject);
        assertThat(subjects.readSubject("a.b")).isEqualTo("$KV.orders.a.b");
        assertThat(subjects.readSubject(">")).isEqualTo("$KV.orders.>");
        assertThat(subjects.keyOf("$KV.orders.a.b")).isEqualTo("a.b");
    }

    @Test
    void aMirrorReadsTheOriginsSubjects() {
        BucketSubjects mirror = new BucketSubjects("copy", "KV_copy", "$KV.orders.", "$JS.hub.API.$KV.orders.");
        assertThat(mirror.keyOf(mirror.readSubject("k"))).isEqualTo("k");
        assertThat(mirror.writeSubject("k")).isEqualTo("$JS.hub.API.$KV.orders.k");
    }

    @ParameterizedTest
    @CsvSource({"$KV.other.a", "$KV.orders2.a", "$KV.orders=o.a", "orders.a"})
    void refusesSubjectsOfOthers(String subject) {
        BucketSubjects subjects = BucketSubjects.of("orders", "$JS.API.");
        assertThatThrownBy(() -> subjects.keyOf(subject))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(subject, "orders");
    }

    @Test
    void refusesBucketNamesThatAreNone() {
        assertThatThrownBy(() -> BucketSubjects.of("a.b", "$JS.API.")).isInstanceOf(InvalidBucketException.class);
    }
}
