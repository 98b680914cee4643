package dev.countersign.server.attestation;

import dev.countersign.identity.ServiceAccountName;
import java.time.Duration;
import java.util.Set;

/**
 * What {@link Attestors} asks beyond the evidence itself.
 *
 * @param callerAddress what becomes of a caller that does not call from its pod's address
 * @param maxWithoutToken how long after its last token a workload may renew without one; up to 7 d
 * @param renewWithoutToken accounts whose workloads have no token after their first contact; every
 *     other account must bring a fresh token at each renewal
 */
public record AttestationRules(
        CallerAddress callerAddress,
        Duration maxWithoutToken,
        Set<ServiceAccountName> renewWithoutToken) {
    public static final Duration DEFAULT_MAX_WITHOUT_TOKEN = Duration.ofHours(24);

    private static final Duration MOST_WITHOUT_TOKEN = Duration.ofDays(7);

    /** A token is asked for at every renewal, addresses are not compared. */
    public static final AttestationRules DEFAULT =
            new AttestationRules(CallerAddress.OFF, DEFAULT_MAX_WITHOUT_TOKEN, Set.of());

    public AttestationRules {
        renewWithoutToken = Set.copyOf(renewWithoutToken);
        if (!maxWithoutToken.isPositive() || maxWithoutToken.compareTo(MOST_WITHOUT_TOKEN) > 0) {
            throw new IllegalArgumentException(
                    "maxWithoutToken: "
                            + maxWithoutToken
                            + " (expected: > PT0S, <= "
                            + MOST_WITHOUT_TOKEN
                            + ")");
        }
    }

    /** What becomes of a caller whose address is not its pod's. */
    public enum CallerAddress {
        /** It is refused. Where the directory knows no address, there is nothing to compare. */
        ENFORCE,
        /** It is served, and the log says so. */
        AUDIT,
        /** Addresses are not compared: they mean nothing behind address translation. */
        OFF
    }
}
