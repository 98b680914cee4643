package dev.countersign.server.lint;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The algorithm that the issuer's key signs with, with its exact parameters (RFC 5280 section
 * 4.1.2.3).
 */
final class SignatureAlgorithm implements LintRule {
    @Override
    public String name() {
        return "signature-algorithm";
    }

    @Override
    public Optional<String> check(Subject subject) {
        byte[] algorithm = subject.tbs().signatureAlgorithm();
        byte[] expected = subject.issuer().signatureAlgorithm();
        return LintRule.unless(
                Arrays.equals(algorithm, expected),
                () -> HexFormat.of().formatHex(algorithm),
                () -> HexFormat.of().formatHex(expected) + " by the issuer's key");
    }
}
