package dev.countersign.server.issuance;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.attestation.AttestedWorkload;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.operators.OperatorGrant;
import dev.countersign.server.x509.CertificateRequest;
import dev.countersign.server.x509.CsrRefused;
import dev.countersign.server.x509.CsrRefused.Reason;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Derives what a workload may have. Nothing is taken from the request but its key; requested names
 * are only compared, and refused when they are not exactly the caller's own identity.
 */
public final class IssuanceRules {
    private static final String URI = "URI:";

    private final TrustDomain trustDomain;
    private final IssuanceProfiles profiles;
    private final IssuanceLedger ledger;
    private final Predicate<String> authorityKeys;

    /**
     * {@code authorityKeys}: whether a public-key hash (lower-case hex SHA-256 of the
     * SubjectPublicKeyInfo) is one of our authorities' own.
     */
    public IssuanceRules(
            TrustDomain trustDomain,
            IssuanceProfiles profiles,
            IssuanceLedger ledger,
            Predicate<String> authorityKeys) {
        this.trustDomain = trustDomain;
        this.profiles = profiles;
        this.ledger = ledger;
        this.authorityKeys = authorityKeys;
    }

    /** Whom an attested workload may be certified as. */
    SpiffeId identity(AttestedWorkload workload) {
        return SpiffeId.of(trustDomain, workload.account());
    }

    /**
     * Approves, or says what stands against it. Whose the key is already is asked by the commit of the
     * intent, which nobody can outrun: see {@link #taken}.
     */
    ApprovedIssuance approve(AttestedWorkload workload, CertificateRequest request)
            throws CsrRefused {
        SpiffeId id = identity(workload);
        refuseForeignNames(request, id);
        refuseAuthorityKey(request);
        return new ApprovedIssuance(
                workload, id, request, profiles.forNamespace(workload.account().namespace()));
    }

    /** Approves an operator's certificate, or says what stands against it. Its key is always new. */
    ApprovedOperator approve(OperatorGrant grant, CertificateRequest request) throws CsrRefused {
        refuseForeignNames(request, grant.id());
        refuseAuthorityKey(request);
        Optional<SpiffeId> holder = ledger.identityOfKey(request.publicKeyHash());
        if (holder.isPresent()) {
            throw taken(request, grant.id(), holder.get());
        }
        return new ApprovedOperator(grant, request);
    }

    /** What stands against a key that {@code holder} had certified before. */
    static CsrRefused taken(CertificateRequest request, SpiffeId id, SpiffeId holder) {
        if (!holder.equals(id)) {
            return new CsrRefused(
                    Reason.CSR_KEY_OF_ANOTHER_IDENTITY,
                    "public key: "
                            + request.publicKeyHash()
                            + " is bound to another identity (expected: a key of your own)");
        }
        return new CsrRefused(
                Reason.CSR_KEY_REUSED,
                "public key: "
                        + request.publicKeyHash()
                        + " was certified before (expected: a new key each time)");
    }

    private static void refuseForeignNames(CertificateRequest request, SpiffeId id)
            throws CsrRefused {
        for (String name : request.requestedNames()) {
            if (!name.equals(URI + id)) {
                throw new CsrRefused(
                        Reason.CSR_SAN_NOT_OWN_IDENTITY,
                        "requested name: "
                                + name
                                + " (expected: none, or exactly "
                                + URI
                                + id
                                + ")");
            }
        }
    }

    private void refuseAuthorityKey(CertificateRequest request) throws CsrRefused {
        if (authorityKeys.test(request.publicKeyHash())) {
            throw new CsrRefused(
                    Reason.CSR_KEY_OF_AUTHORITY,
                    "public key: " + request.publicKeyHash() + " (expected: not an authority's)");
        }
    }
}
