package dev.countersign.feed;

import dev.countersign.policy.MeshSettings;
import java.time.Duration;
import java.util.Optional;

/**
 * How an agent is to behave.
 *
 * @param mesh what policies are read against
 * @param onPeerCertificateExpiry for connections that outlive their peer's certificate
 * @param maxStale policies older than this deny, whole seconds, at least one; empty = age only warns
 */
public record AgentSettings(
        MeshSettings mesh,
        OnPeerCertificateExpiry onPeerCertificateExpiry,
        Optional<Duration> maxStale) {
    public AgentSettings {
        boolean whole =
                maxStale.isEmpty()
                        || maxStale.get().equals(Duration.ofSeconds(maxStale.get().toSeconds()));
        if (!whole || (maxStale.isPresent() && maxStale.get().toSeconds() < 1)) {
            throw new IllegalArgumentException(
                    "maxStale: "
                            + maxStale.orElse(Duration.ZERO)
                            + " (expected: whole seconds, at least PT1S)");
        }
    }
}
