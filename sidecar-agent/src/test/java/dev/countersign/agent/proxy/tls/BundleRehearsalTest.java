package dev.countersign.agent.proxy.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.agent.svid.HeldSvid;
import dev.countersign.agent.svid.SvidSource;
import dev.countersign.agent.testing.TestBundles;
import dev.countersign.agent.testing.TestSvids;
import dev.countersign.identity.SpiffeId;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.TrustRefused;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class BundleRehearsalTest {
    private static final SpiffeId WEB = SpiffeId.parse("spiffe://mesh.test/ns/shop/sa/web");

    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("mesh.test", clock, 1);
    private final TestCertificate next = authority.newRoot().build();
    private final TestSvids svids = new TestSvids();

    @Test
    void aBundleUnderWhichThisAgentShakesHandsWithItselfPasses() {
        svids.put(WEB, authority.leaf(WEB).build());

        assertThatCode(() ->
                        new BundleRehearsal(svids, clock)
                                .run(authority.bundle(2, authority.root(), next)))
                .doesNotThrowAnyException();
    }

    @Test
    void withoutAnIdentityThereIsNothingToTryWith() {
        assertThatCode(() -> new BundleRehearsal(svids, clock).run(authority.bundle(2, next)))
                .doesNotThrowAnyException();
    }

    @Test
    void aBundleThatDistrustsTheOwnLeafIsTakenAllTheSame() throws TrustRefused {
        svids.put(WEB, authority.leaf(WEB).build());
        BundleKeeper keeper = TestBundles.keeper(authority, clock);
        keeper.tryFirst(new BundleRehearsal(svids, clock));

        keeper.offer(TestBundles.sign(authority.bundle(2, next), authority.bundleSigner()));

        assertThat(keeper.epoch()).isEqualTo(2);
    }

    @Test
    void whereNoHandshakeComesAboutTheBundleHeldBeforeStays() {
        // given: an agent whose key does not fit its certificate
        BundleKeeper keeper = TestBundles.keeper(authority, clock);
        keeper.tryFirst(new BundleRehearsal(withAnothersKey(), clock));

        TrustRefused refused =
                catchThrowableOfType(
                        TrustRefused.class,
                        () ->
                                keeper.offer(
                                        TestBundles.sign(
                                                authority.bundle(2, authority.root(), next),
                                                authority.bundleSigner())));

        assertThat(refused.refusal()).isEqualTo(Refusal.BUNDLE_UNUSABLE);
        assertThat(refused).hasMessageContaining("epoch 2").hasMessageContaining("expected: a");
        assertThat(keeper.current().roots()).containsExactly(authority.root().certificate());
    }

    private SvidSource withAnothersKey() {
        TestCertificate own = authority.leaf(WEB).build();
        TestCertificate another = authority.leaf(WEB).build();
        HeldSvid held = new HeldSvid(own.svid(WEB), another.key(), 1);
        return new SvidSource() {
            @Override
            public Optional<HeldSvid> current() {
                return Optional.of(held);
            }

            @Override
            public void onChange(Consumer<HeldSvid> listener) {
                listener.accept(held);
            }
        };
    }
}
