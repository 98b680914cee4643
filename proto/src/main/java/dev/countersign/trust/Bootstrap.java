package dev.countersign.trust;

import dev.countersign.identity.TrustDomain;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What an agent or a CLI is given by hand, so that it can tell its CA from any other.
 *
 * @param trustDomain the only one whose server and bundles are believed
 * @param minimumEpoch bundles before this one are refused; 0 or more
 * @param roots 1 to {@link #MAX_ROOTS} self-signed CA certificates: the bundle until a newer one comes
 * @param signingKeys 1 to {@link #MAX_SIGNING_KEYS} P-256 keys that may sign the first bundle
 */
public record Bootstrap(
        TrustDomain trustDomain,
        long minimumEpoch,
        List<X509Certificate> roots,
        List<PublicKey> signingKeys) {
    public static final int MAX_ROOTS = 64;
    public static final int MAX_SIGNING_KEYS = 8;

    /** The end of time as certificates and protobuf know it. */
    private static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

    public Bootstrap {
        roots = List.copyOf(roots);
        signingKeys = List.copyOf(signingKeys);
        if (minimumEpoch < 0) {
            throw new IllegalArgumentException(
                    "minimumEpoch: " + minimumEpoch + " (expected: >= 0)");
        }
        checkCount("roots", roots.size(), MAX_ROOTS);
        checkCount("signingKeys", signingKeys.size(), MAX_SIGNING_KEYS);
    }

    /** What a bundle says, as the file that makes somebody believe later ones. */
    public static Bootstrap from(TrustBundle bundle) {
        return new Bootstrap(
                bundle.trustDomain(), bundle.epoch(), bundle.roots(), bundle.signingKeys());
    }

    /** The bundle that is in force before any signed one arrived; it does not expire. */
    TrustBundle asBundle() {
        return new TrustBundle(
                trustDomain,
                Math.max(1, minimumEpoch),
                Instant.EPOCH,
                NEVER,
                roots,
                signingKeys,
                Optional.empty());
    }

    private static void checkCount(String what, int count, int most) {
        if (count < 1 || count > most) {
            throw new IllegalArgumentException(
                    what + ": " + count + " (expected: 1 to " + most + ")");
        }
    }
}
