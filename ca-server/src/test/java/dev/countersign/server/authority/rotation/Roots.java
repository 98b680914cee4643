package dev.countersign.server.authority.rotation;

import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Roots, keys, plans and observations for tests of the machine. */
final class Roots {
    static final MutableClock CLOCK = MutableClock.create();
    static final Instant NOW = MutableClock.START;
    static final TestAuthority MAKER = TestAuthority.create("prod.example", CLOCK, 7);
    static final KnownRoot A = root("root-1", MAKER.root());
    static final KnownRoot B = root("root-2", MAKER.newRoot().build());
    static final KnownRoot C = root("root-3", MAKER.newRoot().build());
    static final BundleKey K1 = new BundleKey("bundle-1", MAKER.bundleSigner().getPublic());
    static final BundleKey K2 =
            new BundleKey(
                    "bundle-2",
                    TestAuthority.create("prod.example", CLOCK, 8).bundleSigner().getPublic());

    static final RotationPlan PLAN =
            new RotationPlan(
                    Duration.ofMinutes(10),
                    Optional.empty(),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(15),
                    Duration.ofDays(30),
                    Optional.empty(),
                    50,
                    false);
    static final CanarySelector WEB = CanarySelector.parse("namespace=web");

    private Roots() {}

    static KnownRoot root(String key, TestCertificate made) {
        X509Certificate certificate = made.certificate();
        return KnownRoot.of(key, certificate);
    }

    static KeyPair keysOf(TestCertificate made) {
        return new KeyPair(made.certificate().getPublicKey(), made.key());
    }

    static RotationState.Stable stable() {
        return (RotationState.Stable) RotationState.first(A, K1, mark(1));
    }

    static Mark mark(long epoch) {
        return new Mark(epoch, NOW);
    }

    static Change.OfRoot change() {
        return new Change.OfRoot(A, B, Optional.of(MAKER.intermediate().certificate()));
    }

    static RotationState.Prepared prepared(RotationPlan plan) {
        return prepared(plan, change());
    }

    static RotationState.Prepared prepared(RotationPlan plan, Change change) {
        return stable().prepare(
                        Rotation.begin("r1", NOW, "operator", plan),
                        change.subject(),
                        "next",
                        mark(2))
                .made(change, mark(3));
    }

    static RotationState.Distributing distributing(RotationPlan plan) {
        return prepared(plan).distribute(mark(4));
    }

    static RotationState.Active active() {
        return distributing(PLAN).activate(mark(5));
    }

    static RotationState.Draining draining(RotationPlan plan) {
        return distributing(plan).activate(mark(5)).drain(Duration.ofHours(1), mark(6));
    }

    static RotationState.Retiring retiring() {
        return draining(PLAN).retire(mark(7));
    }

    static Verifier agent(String name, long epoch) {
        return new Verifier(
                name,
                "i-" + name,
                "n1",
                name.substring(0, name.indexOf('/')),
                Map.of(),
                true,
                NOW,
                NOW.plusSeconds(3600),
                epoch,
                "",
                A.keyId(),
                "",
                Optional.of(new Verifier.Usage(NOW, List.of(), Optional.empty())));
    }

    static Verifier with(
            Verifier verifier, String leafRoot, String oldest, Optional<Verifier.Usage> usage) {
        return new Verifier(
                verifier.name(),
                verifier.instance(),
                verifier.where(),
                verifier.namespace(),
                verifier.labels(),
                verifier.connected(),
                verifier.lastSeen(),
                verifier.until(),
                verifier.epoch(),
                verifier.problem(),
                leafRoot,
                oldest,
                usage);
    }

    static Verifier gone(Verifier verifier, Instant until) {
        return new Verifier(
                verifier.name(),
                verifier.instance(),
                verifier.where(),
                verifier.namespace(),
                verifier.labels(),
                false,
                verifier.lastSeen(),
                until,
                verifier.epoch(),
                verifier.problem(),
                verifier.leafRootKeyId(),
                verifier.oldestConnectionRootKeyId(),
                verifier.usage());
    }

    static Observations seen(Duration later, Verifier... verifiers) {
        return seen(later, Map.of(), verifiers);
    }

    static Observations seen(
            Duration later, Map<String, LiveLeaves> leaves, Verifier... verifiers) {
        return new Observations(
                NOW.plus(later),
                List.of(verifiers),
                List.of(new Replica("me", Duration.ZERO, Long.MAX_VALUE)),
                leaves);
    }
}
