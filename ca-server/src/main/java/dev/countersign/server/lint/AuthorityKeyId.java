package dev.countersign.server.lint;

import dev.countersign.server.x509.TbsView.AuthorityKey;
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
        Optional<AuthorityKey> found = subject.tbs().authorityKey();
        boolean kept =
                found.isPresent()
                        && Arrays.equals(found.get().keyId(), expected)
                        && !found.get().issuerAndSerial();
        return LintRule.unless(
                kept,
                () -> found.map(AuthorityKeyId::text).orElse("none"),
                () -> HexFormat.of().formatHex(expected) + " alone");
    }

    private static String text(AuthorityKey key) {
        return HexFormat.of().formatHex(key.keyId()) + (key.issuerAndSerial() ? " and issuer" : "");
    }
}
