package dev.countersign.agent.testing;

import com.google.protobuf.Timestamp;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.Bootstrap;
import dev.countersign.trust.BundleKeeper;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.SigningContext;
import dev.countersign.trust.SigningKeys;
import dev.countersign.trust.TrustBundle;
import dev.countersign.wire.BundleCodec;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Instant;
import java.time.InstantSource;

/** Signs what a CA would sign. */
public final class TestBundles {
    private TestBundles() {}

    /** What an agent with this authority's bootstrap file starts with. */
    public static BundleKeeper keeper(TestAuthority authority, InstantSource clock) {
        return new BundleKeeper(Bootstrap.from(authority.bundle()), clock, BundleCodec::decode);
    }

    public static SignedTrustBundle sign(TrustBundle bundle, KeyPair signer) {
        byte[] payload = BundleCodec.encode(bundle);
        return new SignedTrustBundle(
                payload,
                SigningKeys.idOf(signer.getPublic()),
                sign(SigningContext.BUNDLE, payload, signer));
    }

    public static byte[] sign(SigningContext context, byte[] payload, KeyPair signer) {
        try {
            Signature signature = Signature.getInstance(SigningKeys.ALGORITHM);
            signature.initSign(signer.getPrivate());
            signature.update(context.prefix());
            signature.update(payload);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }
}
