package dev.countersign.trust;

import java.nio.charset.StandardCharsets;

/**
 * What a signature of the bundle-signing key is about. The text goes in front of the signed bytes,
 * so that a signature made for one purpose is worth nothing for another.
 */
public enum SigningContext {
    BUNDLE("countersign bundle v1\n", Refusal.BUNDLE_UNKNOWN_KEY, Refusal.BUNDLE_BAD_SIGNATURE),
    SNAPSHOT(
            "countersign snapshot v1\n",
            Refusal.SNAPSHOT_BAD_SIGNATURE,
            Refusal.SNAPSHOT_BAD_SIGNATURE),
    DELTA("countersign delta v1\n", Refusal.SNAPSHOT_BAD_SIGNATURE, Refusal.SNAPSHOT_BAD_SIGNATURE);

    private final String text;
    private final Refusal unknownKey;
    private final Refusal badSignature;

    SigningContext(String text, Refusal unknownKey, Refusal badSignature) {
        this.text = text;
        this.unknownKey = unknownKey;
        this.badSignature = badSignature;
    }

    /** The text itself: seven-bit ASCII, ends in a line feed. */
    public String text() {
        return text;
    }

    /** The bytes that go before the payload, for signer and verifier alike. */
    public byte[] prefix() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    Refusal unknownKey() {
        return unknownKey;
    }

    Refusal badSignature() {
        return badSignature;
    }
}
