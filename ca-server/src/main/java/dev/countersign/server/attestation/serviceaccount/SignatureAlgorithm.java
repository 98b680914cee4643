package dev.countersign.server.attestation.serviceaccount;

import java.util.Optional;

/**
 * The signature algorithms a token may use (RFC 7518, section 3.1): asymmetric ones only. What is
 * not listed, {@code none} and the HMACs above all, does not exist here.
 */
enum SignatureAlgorithm {
    RS256(KeyKind.RSA),
    RS384(KeyKind.RSA),
    RS512(KeyKind.RSA),
    PS256(KeyKind.RSA),
    PS384(KeyKind.RSA),
    PS512(KeyKind.RSA),
    ES256(KeyKind.P256),
    ES384(KeyKind.P384),
    ES512(KeyKind.P521);

    static final String EXPECTATION =
            "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512";

    /** What a key must be for an algorithm to use it. */
    enum KeyKind {
        RSA,
        P256,
        P384,
        P521
    }

    private final KeyKind keyKind;

    SignatureAlgorithm(KeyKind keyKind) {
        this.keyKind = keyKind;
    }

    /** Exact match: names are case-sensitive (RFC 7515, section 4.1.1). */
    static Optional<SignatureAlgorithm> named(String name) {
        for (SignatureAlgorithm algorithm : values()) {
            if (algorithm.name().equals(name)) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    KeyKind keyKind() {
        return keyKind;
    }
}
