package dev.countersign.server.authority;

import dev.countersign.identity.TrustDomain;
import java.time.Duration;

/**
 * How long what the authority makes is good for.
 *
 * @param trustDomain whose authority this is
 * @param rootLife of a new root; longer than {@code intermediateLife}
 * @param intermediateLife of this process's intermediate; replaced with a third of it remaining
 * @param bundleLife after which readers of a bundle warn; issued anew with a third of it remaining
 * @param constrainNames whether intermediates are kept to the trust domain by a critical name
 *     constraint; some verifiers then refuse every chain
 * @param importedRoot whether roots are made elsewhere and brought in: then none is ever made here
 * @param lease how long a process may sign by what it knows of the journal; then it looks again first
 */
public record AuthoritySettings(
        TrustDomain trustDomain,
        Duration rootLife,
        Duration intermediateLife,
        Duration bundleLife,
        boolean constrainNames,
        boolean importedRoot,
        Duration lease) {
    /** Five times what lies between two looks at the journal. */
    public static final Duration LEASE = Duration.ofSeconds(10);

    private static final Duration ROOT = Duration.ofDays(3650);
    private static final Duration INTERMEDIATE = Duration.ofHours(24);
    private static final Duration BUNDLE = Duration.ofDays(7);

    /** Without name constraints, with the usual lease. */
    public AuthoritySettings(
            TrustDomain trustDomain,
            Duration rootLife,
            Duration intermediateLife,
            Duration bundleLife) {
        this(trustDomain, rootLife, intermediateLife, bundleLife, false, false, LEASE);
    }

    public AuthoritySettings {
        positive("intermediateLife", intermediateLife);
        positive("bundleLife", bundleLife);
        positive("lease", lease);
        if (rootLife.compareTo(intermediateLife) <= 0) {
            throw new IllegalArgumentException(
                    "rootLife: "
                            + rootLife
                            + " (expected: > intermediateLife "
                            + intermediateLife
                            + ")");
        }
    }

    /** Ten years, a day, a week. */
    public static AuthoritySettings defaults(TrustDomain trustDomain) {
        return new AuthoritySettings(trustDomain, ROOT, INTERMEDIATE, BUNDLE);
    }

    /** The same, with or without name constraints. */
    public AuthoritySettings constrainingNames(boolean constrain) {
        return new AuthoritySettings(
                trustDomain,
                rootLife,
                intermediateLife,
                bundleLife,
                constrain,
                importedRoot,
                lease);
    }

    /** The same, with roots that are made elsewhere or here. */
    public AuthoritySettings importingRoots(boolean imported) {
        return new AuthoritySettings(
                trustDomain,
                rootLife,
                intermediateLife,
                bundleLife,
                constrainNames,
                imported,
                lease);
    }

    public AuthoritySettings withLease(Duration other) {
        return new AuthoritySettings(
                trustDomain,
                rootLife,
                intermediateLife,
                bundleLife,
                constrainNames,
                importedRoot,
                other);
    }

    private static void positive(String name, Duration life) {
        if (life.isZero() || life.isNegative()) {
            throw new IllegalArgumentException(name + ": " + life + " (expected: > 0)");
        }
    }
}
