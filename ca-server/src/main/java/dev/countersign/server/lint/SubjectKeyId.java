package dev.countersign.server.lint;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The leftmost 160 bits of SHA-256 of the key's bits (RFC 7093 section 2, method 1), computed
 * here anew.
 */
final class SubjectKeyId implements LintRule {
    private static final int LENGTH = 20;

    @Override
    public String name() {
        return "subject-key-id";
    }

    @Override
    public Optional<String> check(Subject subject) {
        byte[] id = subject.tbs().subjectKeyId();
        byte[] expected = Arrays.copyOf(sha256(subject.tbs().publicKeyBits()), LENGTH);
        return LintRule.unless(
                Arrays.equals(id, expected),
                () -> HexFormat.of().formatHex(id),
                () -> HexFormat.of().formatHex(expected));
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("SHA-256 is in every JDK", e);
        }
    }
}
