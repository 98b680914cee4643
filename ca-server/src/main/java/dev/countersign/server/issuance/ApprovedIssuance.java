package dev.countersign.server.issuance;

import dev.countersign.identity.SpiffeId;
import dev.countersign.server.attestation.AttestedWorkload;
import dev.countersign.server.x509.CertificateRequest;

/**
 * What may be issued: derived from the attested account and the profile. Made only by {@link
 * IssuanceRules}.
 */
final class ApprovedIssuance {
    private final AttestedWorkload workload;
    private final SpiffeId id;
    private final CertificateRequest request;
    private final IssuanceProfile profile;

    ApprovedIssuance(
            AttestedWorkload workload,
            SpiffeId id,
            CertificateRequest request,
            IssuanceProfile profile) {
        this.workload = workload;
        this.id = id;
        this.request = request;
        this.profile = profile;
    }

    AttestedWorkload workload() {
        return workload;
    }

    SpiffeId id() {
        return id;
    }

    CertificateRequest request() {
        return request;
    }

    IssuanceProfile profile() {
        return profile;
    }
}
