package dev.countersign.agent.roots;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.countersign.feed.RootUsage;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RootCounterTest {
    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("mesh.test", clock, 1);
    private final TestCertificate next = authority.newRoot().build();
    private final SvidVerifier verifier =
            new SvidVerifier(
                    TrustBundles.fixed(authority.bundle(2, authority.root(), next)), clock);
    private final RootCounter roots = new RootCounter(clock);

    @Test
    void countsByTheRootThatWasNeededAndSaysSinceWhen() throws TrustRefused {
        Instant start = clock.instant();
        VerifiedPeer old = verifier.verify(authority.leaf("/ns/a/sa/b").build().chain());
        VerifiedPeer fresh =
                verifier.verify(
                        authority
                                .leaf("/ns/a/sa/b")
                                .issuedBy(authority.newIntermediate(next).build())
                                .build()
                                .chain());

        roots.needed(old);
        clock.advance(Duration.ofMinutes(1));
        roots.needed(fresh);
        roots.needed(fresh);

        RootUsage usage = roots.usage(Map.of(old.rootKeyId(), 3L));
        assertThat(usage.since()).isEqualTo(start);
        assertThat(usage.uses())
                .extracting(
                        RootUsage.Use::rootKeyId,
                        RootUsage.Use::handshakes,
                        RootUsage.Use::openConnections)
                .containsExactly(tuple(old.rootKeyId(), 1L, 3L), tuple(fresh.rootKeyId(), 2L, 0L));
        assertThat(usage.neededAfter(start, fresh.rootKeyId())).isTrue();
        assertThat(usage.neededAfter(clock.instant(), fresh.rootKeyId())).isFalse();
        assertThat(usage.neededAfter(clock.instant(), old.rootKeyId()))
                .as("a connection is open")
                .isTrue();
    }

    @Test
    void countsPeersThatLedToNoRootButNotThoseRefusedForAnotherReason() {
        roots.refusedInbound(new TrustRefused(Refusal.UNTRUSTED_ISSUER, "leaf"));
        roots.refusedOutbound(new TrustRefused(Refusal.BAD_SIGNATURE, "leaf"));
        roots.refusedOutbound(new TrustRefused(Refusal.EXPIRED, "leaf"));
        roots.refusedInbound(new TrustRefused(Refusal.DENIED, "leaf"));

        RootUsage usage = roots.usage(Map.of());

        assertThat(usage.untrustedInbound()).isEqualTo(1);
        assertThat(usage.untrustedOutbound()).isEqualTo(1);
        assertThat(usage.lastUntrusted()).contains(clock.instant());
    }
}
