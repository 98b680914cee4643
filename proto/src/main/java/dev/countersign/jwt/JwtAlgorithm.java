package dev.countersign.jwt;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The signature algorithms a token may use (RFC 7518, section 3.1; RFC 8037): asymmetric ones only.
 * What is not listed, {@code none} and the HMACs above all, does not exist here.
 */
public enum JwtAlgorithm {
    RS256("RSA"),
    RS384("RSA"),
    RS512("RSA"),
    PS256("RSA"),
    PS384("RSA"),
    PS512("RSA"),
    ES256("P-256"),
    ES384("P-384"),
    ES512("P-521"),
    EdDSA("Ed25519");

    private static final List<String> NAMES = Stream.of(values()).map(Enum::name).toList();

    private final String keyKind;

    JwtAlgorithm(String keyKind) {
        this.keyKind = keyKind;
    }

    /** Exact match: names are case-sensitive (RFC 7515, section 4.1.1). */
    static Optional<JwtAlgorithm> named(String name) {
        return NAMES.contains(name) ? Optional.of(valueOf(name)) : Optional.empty();
    }

    static List<String> names() {
        return NAMES;
    }

    /** What a key must be: {@code RSA}, or the name of a curve. */
    String keyKind() {
        return keyKind;
    }
}
