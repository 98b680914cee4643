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

    /**
     * SHA-256 of the signed part (all up to the last dot), lower-case hex: names the token in
     * records without revealing it. The signature is left out because anyone can respell an ECDSA
     * one, which would make another name for the same token.
     */
    public String fingerprint() {
        int lastDot = compact.lastIndexOf('.');
        String signed = lastDot < 0 ? compact : compact.substring(0, lastDot);
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha256.digest(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has SHA-256
        }
    }

    @Override
    public String toString() {
        return "BearerToken[hidden]";
    }
}
