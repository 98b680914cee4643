package dev.countersign.trust;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys whose word counts: they sign bundles, snapshots and deltas with {@link #ALGORITHM}.
 * Immutable; every key is P-256.
 */
public final class SigningKeys {
    /** ECDSA P-256 with SHA-256, DER. */
    public static final String ALGORITHM = "SHA256withECDSA";

    private final Map<String, PublicKey> byId;

    private SigningKeys(Map<String, PublicKey> byId) {
        this.byId = byId;
    }

    /**
     * @param keys P-256
     * @param next the announced successor: what it signs is believed too
     */
    public static SigningKeys of(List<PublicKey> keys, Optional<PublicKey> next) {
        Map<String, PublicKey> byId = new LinkedHashMap<>();
        keys.forEach(key -> byId.put(idOf(key), NativeCrypto.nativeKey(key)));
        next.ifPresent(key -> byId.put(idOf(key), NativeCrypto.nativeKey(key)));
        return new SigningKeys(byId);
    }

    /** The keys of a bundle, its announced successor included. */
    public static SigningKeys of(TrustBundle bundle) {
        return of(bundle.signingKeys(), bundle.nextSigningKey());
    }

    /** Lower-case hex SHA-256 of the key's SubjectPublicKeyInfo. */
    public static String idOf(PublicKey key) {
        return sha256(key.getEncoded());
    }

    /**
     * Reads a signing key.
     *
     * @param encoded SubjectPublicKeyInfo, DER, uncompressed point
     * @throws TrustRefused BUNDLE_MALFORMED unless it is exactly one P-256 key
     */
    public static PublicKey parse(byte[] encoded) throws TrustRefused {
        try {
            PublicKey key =
                    KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
            if (KeyRules.isP256(key) && Arrays.equals(key.getEncoded(), encoded)) {
                return key;
            }
            throw malformed("another kind", null);
        } catch (GeneralSecurityException unreadable) {
            throw unreadable instanceof TrustRefused refused
                    ? refused
                    : malformed(unreadable.getMessage(), unreadable);
        }
    }

    /** Whether this key's word counts. */
    boolean knows(String keyId) {
        return byId.containsKey(keyId);
    }

    /**
     * Believes a payload by its signature.
     *
     * @throws TrustRefused BUNDLE_UNKNOWN_KEY, BUNDLE_BAD_SIGNATURE or SNAPSHOT_BAD_SIGNATURE
     */
    public void verify(SigningContext context, byte[] payload, String keyId, byte[] signature)
            throws TrustRefused {
        PublicKey key = byId.get(keyId);
        if (key == null) {
            throw new TrustRefused(
                    context.unknownKey(),
                    context
                            + ": signed by key \""
                            + keyId
                            + "\" (expected: one of "
                            + byId.keySet()
                            + ")");
        }
        if (!NativeCrypto.verify(ALGORITHM, key, signature, context.prefix(), payload)) {
            throw new TrustRefused(
                    context.badSignature(),
                    context
                            + ": signature of key "
                            + keyId
                            + " does not fit "
                            + payload.length
                            + " bytes (expected: a signature over these bytes)");
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every Java platform has SHA-256
        }
    }

    private static TrustRefused malformed(@Nullable String found, @Nullable Throwable cause) {
        return new TrustRefused(
                Refusal.BUNDLE_MALFORMED,
                "signing key: " + found + " (expected: SubjectPublicKeyInfo of a P-256 key)",
                cause);
    }
}
