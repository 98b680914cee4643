package dev.countersign.server.authority.approval;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * What an operator hands in.
 *
 * @param digest of the step, 64 lower-case hex digits
 * @param operator name
 * @param until when it ends, in whole seconds
 * @param signature over {@link #message}; owned by this value
 */
public record SignedApproval(String digest, String operator, Instant until, byte[] signature) {
    /** More than any signature of the keys that are taken. */
    public static final int MAX_SIGNATURE = 256;

    private static final int DIGEST = 64;

    public SignedApproval {
        if (digest.length() != DIGEST
                || !digest.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 'g')) {
            throw new IllegalArgumentException(
                    "step: "
                            + digest.length()
                            + " characters (expected: 64 lower-case hex digits)");
        }
        if (signature.length > MAX_SIGNATURE) {
            throw new IllegalArgumentException(
                    "signature: "
                            + signature.length
                            + " bytes (expected: <= "
                            + MAX_SIGNATURE
                            + ")");
        }
        until = until.truncatedTo(ChronoUnit.SECONDS);
    }

    /** The bytes that are signed. */
    public byte[] message() {
        return message(digest, operator, until);
    }

    /** What a key is to sign. */
    public static byte[] message(String digest, String operator, Instant until) {
        StringBuilder text = new StringBuilder("countersign approval v1\n");
        Step.line(text, "step", digest);
        Step.line(text, "operator", operator);
        Step.line(text, "until", until.truncatedTo(ChronoUnit.SECONDS).toString());
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SignedApproval that
                && digest.equals(that.digest)
                && operator.equals(that.operator)
                && until.equals(that.until)
                && Arrays.equals(signature, that.signature);
    }

    @Override
    public int hashCode() {
        return digest.hashCode() ^ operator.hashCode();
    }
}
