package dev.countersign.server.lint;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** The issuer's key id, and never its issuer and serial: that breaks cross-signing. */
final class AuthorityKeyId implements LintRule {
    @Override
    public String name() {
        return "authority-key-id";
    }

    @Override
    public Optional<String> check(Subject subject) {
        byte[] expected = subject.issuer().keyId();
        boolean kept =
                subject.tbs()
                        .authorityKey()
                        .filter(key -> Arrays.equals(key.keyId(), expected))
                        .filter(key -> !key.issuerAndSerial())
                        .isPresent();
        String value =
                subject.tbs()
                        .authorityKey()
                        .map(key ->
                                HexFormat.of().formatHex(key.keyId())
                                        + (key.issuerAndSerial() ? " and issuer" : ""))
                        .orElse("none");
        return LintRule.unless(
                kept, () -> value, () -> HexFormat.of().formatHex(expected) + " alone");
    }
}
