package dev.countersign.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.countersign.identity.MalformedIdentity;
import dev.countersign.identity.TrustDomain;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.RootCertificates;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustRefused;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@link TrustBundle} to the bytes that are signed, and back. Fields that this version does not know
 * are ignored: the signature covers them, and what they add cannot loosen what is read here.
 */
public final class BundleCodec {
    /** Bytes of a DER ECDSA P-256 signature; the longest possible has 72. */
    static final int MAX_SIGNATURE = 80;

    private static final int KEY_ID_LENGTH = 64;

    private BundleCodec() {}

    /** The payload to sign. The same bundle gives the same bytes. */
    public static byte[] encode(TrustBundle bundle) {
        var message =
                dev.countersign.wire.v1.TrustBundle.newBuilder()
                        .setTrustDomain(bundle.trustDomain().name())
                        .setEpoch(bundle.epoch())
                        .setIssuedAt(Timestamps.encode(bundle.issuedAt()))
                        .setExpires(Timestamps.encode(bundle.expires()));
        bundle.roots().forEach(root -> message.addRoots(encode(root)));
        bundle.signingKeys().forEach(key -> message.addSigningKeys(encode(key)));
        bundle.nextSigningKey().ifPresent(key -> message.setNextSigningKey(encode(key)));
        return message.build().toByteArray();
    }

    /**
     * Reads a payload whose signature was verified.
     *
     * @throws TrustRefused BUNDLE_TOO_LARGE, BUNDLE_EMPTY without roots, BUNDLE_MALFORMED, or the
     *     rule that a root breaks
     */
    public static TrustBundle decode(byte[] payload) throws TrustRefused {
        if (payload.length > BundleKeeper.MAX_PAYLOAD) {
            throw new TrustRefused(
                    Refusal.BUNDLE_TOO_LARGE,
                    "bundle: "
                            + payload.length
                            + " bytes (expected: <= "
                            + BundleKeeper.MAX_PAYLOAD
                            + ")");
        }
        try {
            return decode(dev.countersign.wire.v1.TrustBundle.parseFrom(payload));
        } catch (InvalidProtocolBufferException | IllegalArgumentException unreadable) {
            throw new TrustRefused(
                    Refusal.BUNDLE_MALFORMED, "bundle: " + unreadable.getMessage(), unreadable);
        }
    }

    public static dev.countersign.wire.v1.SignedTrustBundle toMessage(SignedTrustBundle signed) {
        return dev.countersign.wire.v1.SignedTrustBundle.newBuilder()
                .setPayload(ByteString.copyFrom(signed.payload()))
                .setKeyId(signed.keyId())
                .setSignature(ByteString.copyFrom(signed.signature()))
                .build();
    }

    /**
     * Takes over a message, not yet believed: {@link BundleKeeper#offer} does that.
     *
     * @throws TrustRefused BUNDLE_EMPTY, BUNDLE_TOO_LARGE or BUNDLE_MALFORMED
     */
    public static SignedTrustBundle fromMessage(dev.countersign.wire.v1.SignedTrustBundle message)
            throws TrustRefused {
        int size = message.getPayload().size();
        if (size == 0) {
            throw new TrustRefused(Refusal.BUNDLE_EMPTY, "bundle: empty (expected: a payload)");
        }
        if (size > BundleKeeper.MAX_PAYLOAD) {
            throw new TrustRefused(
                    Refusal.BUNDLE_TOO_LARGE,
                    "bundle: " + size + " bytes (expected: <= " + BundleKeeper.MAX_PAYLOAD + ")");
        }
        if (message.getKeyId().length() != KEY_ID_LENGTH) {
            throw malformed("key id: " + message.getKeyId().length(), "64 characters");
        }
        if (message.getSignature().size() > MAX_SIGNATURE) {
            throw malformed("signature: " + message.getSignature().size(), "<= " + MAX_SIGNATURE);
        }
        return new SignedTrustBundle(
                message.getPayload().toByteArray(),
                message.getKeyId(),
                message.getSignature().toByteArray());
    }

    private static TrustBundle decode(dev.countersign.wire.v1.TrustBundle message)
            throws TrustRefused {
        if (message.getEpoch() < 1) {
            throw malformed("epoch: " + Long.toUnsignedString(message.getEpoch()), "1 to 2^63 - 1");
        }
        if (!message.hasIssuedAt() || !message.hasExpires()) {
            throw malformed("issued_at or expires: missing", "both");
        }
        Instant issuedAt = Timestamps.decode(message.getIssuedAt());
        Instant expires = Timestamps.decode(message.getExpires());
        if (!expires.isAfter(issuedAt)) {
            throw malformed("expires: " + expires, "after issued_at " + issuedAt);
        }
        TrustDomain trustDomain = decodeTrustDomain(message.getTrustDomain());
        return new TrustBundle(
                trustDomain,
                message.getEpoch(),
                issuedAt,
                expires,
                decodeRoots(message.getRootsList(), trustDomain),
                decodeKeys(message.getSigningKeysList()),
                message.getNextSigningKey().isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                SigningKeys.parse(message.getNextSigningKey().toByteArray())));
    }

    /** On the wire a name is already in lower case: one spelling, one meaning. */
    private static TrustDomain decodeTrustDomain(String name) throws TrustRefused {
        try {
            return new TrustDomain(name);
        } catch (MalformedIdentity malformed) {
            throw new TrustRefused(
                    Refusal.BUNDLE_MALFORMED, "bundle: " + malformed.getMessage(), malformed);
        }
    }

    private static List<X509Certificate> decodeRoots(
            List<ByteString> encoded, TrustDomain trustDomain) throws TrustRefused {
        if (encoded.isEmpty()) {
            throw new TrustRefused(Refusal.BUNDLE_EMPTY, "roots: 0 (expected: at least 1)");
        }
        checkCount("roots", encoded, Bootstrap.MAX_ROOTS);
        List<X509Certificate> roots = new ArrayList<>();
        for (ByteString root : encoded) {
            roots.add(RootCertificates.parse(root.toByteArray(), trustDomain));
        }
        return roots;
    }

    private static List<PublicKey> decodeKeys(List<ByteString> encoded) throws TrustRefused {
        if (encoded.isEmpty()) {
            throw malformed("signing_keys: 0", "at least 1");
        }
        checkCount("signing_keys", encoded, Bootstrap.MAX_SIGNING_KEYS);
        List<PublicKey> keys = new ArrayList<>();
        for (ByteString key : encoded) {
            keys.add(SigningKeys.parse(key.toByteArray()));
        }
        return keys;
    }

    private static void checkCount(String what, List<ByteString> values, int most)
            throws TrustRefused {
        if (values.size() > most) {
            throw malformed(what + ": " + values.size(), "<= " + most);
        }
        Set<ByteString> distinct = new HashSet<>(values);
        if (distinct.size() != values.size()) {
            throw malformed(what + ": one comes twice", "each once");
        }
    }

    private static ByteString encode(X509Certificate certificate) {
        try {
            return ByteString.copyFrom(certificate.getEncoded());
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible); // it was parsed from its encoding
        }
    }

    private static ByteString encode(PublicKey key) {
        return ByteString.copyFrom(key.getEncoded());
    }

    private static TrustRefused malformed(String found, String expectation) {
        return new TrustRefused(
                Refusal.BUNDLE_MALFORMED, "bundle: " + found + " (expected: " + expectation + ")");
    }
}
