package dev.countersign.trust;

import java.util.Arrays;

/**
 * A bundle exactly as it was signed. The arrays are owned by this value: nobody writes to them.
 *
 * @param payload serialized {@code countersign.v1.TrustBundle}
 * @param keyId lower-case hex SHA-256 of the signing key's SubjectPublicKeyInfo
 * @param signature ECDSA P-256 with SHA-256, DER
 */
public record SignedTrustBundle(byte[] payload, String keyId, byte[] signature) {
    /** Lower-case hex SHA-256 of the payload: what an agent acknowledges. */
    public String payloadHash() {
        return SigningKeys.sha256(payload);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SignedTrustBundle that
                && keyId.equals(that.keyId)
                && Arrays.equals(payload, that.payload)
                && Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(payload);
    }

    @Override
    public String toString() {
        return "SignedTrustBundle[" + payload.length + " bytes, key " + keyId + "]";
    }
}
