package dev.countersign.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class MalformedIdentityTest {
    @Test
    void theMessageCarriesWhatValueAndExpectation() {
        assertThat(new MalformedIdentity("trust domain", "a/b", "only a-z"))
                .hasMessage("trust domain: \"a/b\" (expected: only a-z)");
    }

    @Test
    void hostileTextForgesNoLineAndIsCut() {
        String hostile = "x\n2026 INFO granted\u001b[2J" + "y".repeat(5000);

        assertThat(new MalformedIdentity("SPIFFE ID", hostile, "legal").getMessage())
                .startsWith("SPIFFE ID: \"x?2026 INFO granted?[2J")
                .doesNotContain("\n", "\u001b")
                .hasSizeLessThan(200);
    }
}
