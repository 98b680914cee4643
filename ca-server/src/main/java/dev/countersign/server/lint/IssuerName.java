package dev.countersign.server.lint;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Byte for byte the issuer's subject: a name that is only equal breaks chain building elsewhere.
 */
final class IssuerName implements LintRule {
    @Override
    public String name() {
        return "issuer-name";
    }

    @Override
    public Optional<String> check(Subject subject) {
        byte[] issuer = subject.tbs().issuer();
        byte[] expected = subject.issuer().subject();
        return LintRule.unless(
                Arrays.equals(issuer, expected),
                () -> HexFormat.of().formatHex(issuer),
                () -> HexFormat.of().formatHex(expected) + ", the issuer's subject");
    }
}
