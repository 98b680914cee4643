package dev.countersign.server.servingcert;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.identity.WellKnownIds;
import dev.countersign.server.lint.LintProfile.Purpose;
import java.util.List;

/**
 * As whom the server answers at a port.
 *
 * @param dnsNames for clients that know no SPIFFE; a workload never gets a certificate with them
 */
public record ServedName(SpiffeId id, Purpose purpose, List<String> dnsNames) {
    public ServedName {
        dnsNames = List.copyOf(dnsNames);
    }

    /** To agents and the CLI. */
    public static ServedName caServer(TrustDomain trustDomain) {
        return new ServedName(WellKnownIds.caServer(trustDomain), Purpose.CA_SERVER, List.of());
    }

    /** To the Kubernetes API server, which looks at DNS names alone. */
    public static ServedName webhook(TrustDomain trustDomain, List<String> dnsNames) {
        return new ServedName(WellKnownIds.webhook(trustDomain), Purpose.WEBHOOK, dnsNames);
    }
}
