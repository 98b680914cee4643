package dev.countersign.server.attestation.serviceaccount;

import dev.countersign.server.attestation.AttestationRefused;

/** The keys an issuer signs with. */
interface IssuerKeys {
    /**
     * @param kid key id, at most {@link TokenParser#MAX_KEY_ID} characters
     * @throws AttestationRefused {@code TOKEN_UNKNOWN_KEY} when the issuer has no such key, {@code
     *     ISSUER_KEYS_UNAVAILABLE} when that cannot be told now
     */
    IssuerKey find(String kid) throws AttestationRefused;
}
