package dev.countersign.server.attestation;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A service-account token as received. Secret: {@link #toString} hides it. */
public final class BearerToken {
    private final String compact;

    public BearerToken(String compact) {
        this.compact = compact;
    }

    /** The secret itself: for the attestor's parser only. */
    public String reveal() {
        return compact;
    }

    public boolean isEmpty() {
        return compact.isEmpty();
    }

    /** SHA-256 of the token, lower-case hex: names it in records without revealing it. */
    public String fingerprint() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of()
                    .formatHex(sha256.digest(compact.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has SHA-256
        }
    }

    @Override
    public String toString() {
        return "BearerToken[hidden]";
    }
}
