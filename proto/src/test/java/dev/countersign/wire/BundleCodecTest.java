package dev.countersign.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.testing.TestCertificate;
import dev.countersign.trust.Refusal;
import dev.countersign.trust.SignedTrustBundle;
import dev.countersign.trust.TrustBundle;
import dev.countersign.trust.TrustRefused;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class BundleCodecTest {
    private static final MutableClock CLOCK = MutableClock.create();
    private static final TestAuthority AUTHORITY = TestAuthority.create("test.example", CLOCK, 1);
    private static final TestCertificate SECOND = AUTHORITY.newRoot().build();

    @Test
    void everyPartOfABundleSurvivesTheRoundTrip() throws TrustRefused {
        TrustBundle bundle =
                AUTHORITY.bundle(
                        Long.MAX_VALUE,
                        Optional.of(AUTHORITY.newKeyPair().getPublic()),
                        AUTHORITY.root(),
                        SECOND);

        TrustBundle read = BundleCodec.decode(BundleCodec.encode(bundle));

        assertThat(read).isEqualTo(bundle);
    }

    @Test
    void theSameBundleGivesTheSameBytes() {
        assertThat(BundleCodec.encode(AUTHORITY.bundle()))
                .isEqualTo(BundleCodec.encode(AUTHORITY.bundle()));
    }

    @Test
    void aSignedBundleSurvivesTheRoundTrip() throws TrustRefused {
        SignedTrustBundle signed = AUTHORITY.signedBundle();

        assertThat(BundleCodec.fromMessage(BundleCodec.toMessage(signed))).isEqualTo(signed);
        assertThat(signed.payloadHash()).matches("[0-9a-f]{64}");
    }

    @Test
    void fieldsOfALaterVersionAreIgnored() throws TrustRefused {
        byte[] payload = BundleCodec.encode(AUTHORITY.bundle());
        byte[] longer = Arrays.copyOf(payload, payload.length + 4);
        longer[payload.length] = (byte) 0x9a; // field 19, length-delimited
        longer[payload.length + 1] = 1;
        longer[payload.length + 2] = 1;

        assertThat(BundleCodec.decode(longer)).isEqualTo(AUTHORITY.bundle());
    }

    @Test
    void aBundleWithoutRootsIsEmpty() {
        assertRefused(
                Refusal.BUNDLE_EMPTY, dev.countersign.wire.v1.TrustBundle.Builder::clearRoots);
    }

    @Test
    void aPayloadOverOneMebibyteIsTooLarge() {
        TrustRefused refused =
                catchThrowableOfType(
                        TrustRefused.class, () -> BundleCodec.decode(new byte[1024 * 1024 + 1]));

        assertThat(refused.refusal()).isEqualTo(Refusal.BUNDLE_TOO_LARGE);
    }

    @Test
    void missingOrImpossibleFieldsAreMalformed() {
        assertMalformed(bundle -> bundle.setTrustDomain(""));
        assertMalformed(bundle -> bundle.setTrustDomain("Test.example"));
        assertMalformed(bundle -> bundle.setTrustDomain("a/b"));
        assertMalformed(bundle -> bundle.setEpoch(0));
        assertMalformed(bundle -> bundle.setEpoch(-1));
        assertMalformed(dev.countersign.wire.v1.TrustBundle.Builder::clearIssuedAt);
        assertMalformed(dev.countersign.wire.v1.TrustBundle.Builder::clearExpires);
        assertMalformed(bundle -> bundle.setExpires(bundle.getIssuedAt()));
        assertMalformed(
                bundle -> bundle.setExpires(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE)));
        assertMalformed(bundle -> bundle.setExpires(Timestamp.newBuilder().setNanos(-1)));
        assertMalformed(dev.countersign.wire.v1.TrustBundle.Builder::clearSigningKeys);
        assertMalformed(bundle -> bundle.addSigningKeys(bundle.getSigningKeys(0)));
        assertMalformed(bundle -> bundle.addRoots(bundle.getRoots(0)));
        assertMalformed(bundle -> bundle.addAllRoots(Collections.nCopies(64, ByteString.EMPTY)));
    }

    @Test
    void aBundleHoldsAtMost64RootsAndEightKeys() {
        byte[] roots =
                changed(bundle -> {
                    for (int i = 0; i < 64; i++) {
                        bundle.addRoots(encoded(AUTHORITY.newRoot().build()));
                    }
                });
        byte[] keys =
                changed(bundle -> {
                    for (int i = 0; i < 8; i++) {
                        bundle.addSigningKeys(encoded(AUTHORITY.newKeyPair().getPublic()));
                    }
                });

        assertThatThrownBy(() -> BundleCodec.decode(roots)).hasMessageContaining("roots: 65");
        assertThatThrownBy(() -> BundleCodec.decode(keys)).hasMessageContaining("signing_keys: 9");
    }

    @Test
    void signingKeysOtherThanP256AreMalformed() {
        for (String kind : new String[] {"secp384r1", "RSA-2048", "Ed25519"}) {
            ByteString key =
                    ByteString.copyFrom(AUTHORITY.newKeyPair(kind).getPublic().getEncoded());

            assertMalformed(bundle -> bundle.addSigningKeys(key));
            assertMalformed(bundle -> bundle.setNextSigningKey(key));
        }
        ByteString trailing =
                ByteString.copyFrom(AUTHORITY.bundleSigner().getPublic().getEncoded())
                        .concat(ByteString.copyFrom(new byte[1]));
        assertMalformed(bundle -> bundle.setNextSigningKey(trailing));
    }

    @Test
    void rootsThatCouldNotAnchorAPathAreRefused() throws Exception {
        byte[] der = AUTHORITY.root().certificate().getEncoded();

        assertRootRefused(Refusal.CERTIFICATE_MALFORMED, new byte[] {1, 2, 3});
        assertRootRefused(Refusal.CERTIFICATE_MALFORMED, Arrays.copyOf(der, der.length + 1));
        assertRootRefused(Refusal.CERTIFICATE_TOO_LARGE, Arrays.copyOf(der, 17 * 1024));
        assertRootRefused(
                Refusal.CERTIFICATE_MALFORMED,
                Pem.encode("CERTIFICATE", der).getBytes(StandardCharsets.US_ASCII));
        assertRootRefused(
                Refusal.ISSUER_NOT_CA, encoded(AUTHORITY.leaf("/x").build()).toByteArray());
        assertRootRefused(
                Refusal.UNTRUSTED_ISSUER, encoded(AUTHORITY.intermediate()).toByteArray());
        assertRootRefused(
                Refusal.BAD_SIGNATURE,
                encoded(AUTHORITY.newRoot().corruptSignature().build()).toByteArray());
        assertRootRefused(
                Refusal.KEY_WEAK,
                encoded(AUTHORITY.newRoot().keyKind("RSA-1024").build()).toByteArray());
        assertRootRefused(
                Refusal.ISSUER_SPIFFE_ID,
                encoded(TestAuthority.create("other.example", CLOCK, 2).root()).toByteArray());
    }

    @Test
    void messagesThatCannotBeASignedBundleAreNotTakenOver() {
        var message = BundleCodec.toMessage(AUTHORITY.signedBundle());

        assertThatThrownBy(
                        () -> BundleCodec.fromMessage(message.toBuilder().clearPayload().build()))
                .hasMessageStartingWith("BUNDLE_EMPTY");
        assertThatThrownBy(() -> BundleCodec.fromMessage(message.toBuilder().setKeyId("a").build()))
                .hasMessageStartingWith("BUNDLE_MALFORMED");
        assertThatThrownBy(() ->
                        BundleCodec.fromMessage(
                                message.toBuilder()
                                        .setSignature(ByteString.copyFrom(new byte[81]))
                                        .build()))
                .hasMessageStartingWith("BUNDLE_MALFORMED");
        assertThatThrownBy(() ->
                        BundleCodec.fromMessage(
                                message.toBuilder()
                                        .setPayload(ByteString.copyFrom(new byte[1024 * 1024 + 1]))
                                        .build()))
                .hasMessageStartingWith("BUNDLE_TOO_LARGE");
    }

    private static void assertMalformed(
            Consumer<dev.countersign.wire.v1.TrustBundle.Builder> change) {
        assertRefused(Refusal.BUNDLE_MALFORMED, change);
    }

    private static void assertRootRefused(Refusal refusal, byte[] root) {
        assertRefused(refusal, bundle -> bundle.setRoots(0, ByteString.copyFrom(root)));
    }

    private static void assertRefused(
            Refusal refusal, Consumer<dev.countersign.wire.v1.TrustBundle.Builder> change) {
        byte[] payload = changed(change);

        TrustRefused refused =
                catchThrowableOfType(TrustRefused.class, () -> BundleCodec.decode(payload));

        assertThat(refused).as("expected %s", refusal).isNotNull();
        assertThat(refused.refusal()).as(refused.getMessage()).isEqualTo(refusal);
    }

    private static byte[] changed(Consumer<dev.countersign.wire.v1.TrustBundle.Builder> change) {
        try {
            var bundle =
                    dev.countersign.wire.v1.TrustBundle.parseFrom(
                            BundleCodec.encode(AUTHORITY.bundle()))
                            .toBuilder();
            change.accept(bundle);
            return bundle.build().toByteArray();
        } catch (com.google.protobuf.InvalidProtocolBufferException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static ByteString encoded(TestCertificate certificate) {
        try {
            return ByteString.copyFrom(certificate.certificate().getEncoded());
        } catch (CertificateEncodingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static ByteString encoded(PublicKey key) {
        return ByteString.copyFrom(key.getEncoded());
    }
}
