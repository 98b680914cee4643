package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import org.junit.jupiter.api.Test;

final class TrustRefusedTest {
    @Test
    void theReasonCodeComesFirst() {
        TrustRefused refused = new TrustRefused(Refusal.EXPIRED, "leaf: x (expected: y)");

        assertThat(refused).hasMessage("EXPIRED: leaf: x (expected: y)");
        assertThat(refused.refusal()).isEqualTo(Refusal.EXPIRED);
    }

    @Test
    void aNameInACertificateForgesNoLogLine() {
        // given: a stranger whose subject tries to write a line of its own
        MutableClock clock = MutableClock.create();
        TestAuthority authority = TestAuthority.create("test.example", clock, 1);
        TestAuthority stranger = TestAuthority.create("test.example", clock, 2);
        String root = authority.root().certificate().getSubjectX500Principal().getName();
        var hostile =
                authority
                        .leaf("/ns/shop/sa/web")
                        .subject(
                                "CN=x\\0a2026 INFO granted\\0d\\1b[2J"
                                        + (",CN=" + "y".repeat(60)).repeat(40))
                        .issuerName(root)
                        .signedWith(stranger.root().key())
                        .build();
        SvidVerifier verifier = new SvidVerifier(TrustBundles.fixed(authority.bundle()), clock);

        TrustRefused refused =
                catchThrowableOfType(
                        TrustRefused.class,
                        () -> verifier.verify(java.util.List.of(hostile.certificate())));

        assertThat(refused.refusal()).isEqualTo(Refusal.BAD_SIGNATURE);
        assertThat(refused.getMessage()).matches("[ -~]{1,1100}");
    }
}
