package dev.countersign.server;

import dev.countersign.server.authority.AuthoritySettings;
import dev.countersign.server.authority.rotation.RotationPlan;
import dev.countersign.server.servingcert.ServingCertificate;
import java.time.Duration;
import java.util.Optional;

/**
 * How roots are rotated when an operator asks for it.
 *
 * @param plan what a rotation begins with; the command line changes parts of it
 * @param lease how long a server may sign by what it last read of the authority's state
 * @param servingLife of the server's own certificate: the old root stays for as long
 */
public record RotationSettings(RotationPlan plan, Duration lease, Duration servingLife) {
    static final RotationSettings DEFAULT = of(AuthoritySettings.LEASE, Times.DEFAULT);

    /**
     * The times of a rotation.
     *
     * @param dwell both roots are trusted for so long at least before the new one signs
     * @param canaryWindow canaries must do well for so long
     * @param skew how far clocks may be apart
     * @param minimumRootLife a new root must have so much left
     */
    record Times(Duration dwell, Duration canaryWindow, Duration skew, Duration minimumRootLife) {
        static final Times DEFAULT =
                new Times(
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(10),
                        Duration.ofMinutes(5),
                        Duration.ofDays(30));
    }

    static final int RENEWALS_PER_SECOND = 50;

    static RotationSettings of(Duration lease, Times times) {
        return of(lease, times, RENEWALS_PER_SECOND, ServingCertificate.DEFAULT_LIFE);
    }

    static RotationSettings of(
            Duration lease, Times times, int renewalsPerSecond, Duration servingLife) {
        return new RotationSettings(
                new RotationPlan(
                        times.dwell(),
                        Optional.empty(),
                        times.canaryWindow(),
                        times.skew(),
                        // Room for what a server does between looking at its lease and signing.
                        lease.plus(lease.dividedBy(2)),
                        times.minimumRootLife(),
                        Optional.empty(),
                        renewalsPerSecond,
                        false),
                lease,
                servingLife);
    }
}
