package dev.countersign.trust;

import java.time.Instant;

/** The instant at which one verification happens: every certificate in it is held to the same. */
record Validity(Instant now) {
    /** RFC 5280, section 4.1.2.5: both ends are inside. */
    void check(CertificateFacts facts, String what) throws TrustRefused {
        if (now.isBefore(facts.notBefore())) {
            throw new TrustRefused(
                    Refusal.NOT_YET_VALID,
                    what + ": valid from " + facts.notBefore() + " (expected: <= " + now + ")");
        }
        if (now.isAfter(facts.notAfter())) {
            throw new TrustRefused(
                    Refusal.EXPIRED,
                    what + ": valid until " + facts.notAfter() + " (expected: >= " + now + ")");
        }
    }
}
