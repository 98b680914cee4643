package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import java.security.KeyPair;
import java.security.NoSuchAlgorithmException;
import java.security.Security;
import java.security.Signature;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NativeCryptoTest {
    private static final TestAuthority AUTHORITY =
            TestAuthority.create("test.example", MutableClock.create(), 1);

    @Test
    void theNativeProviderIsUsedOnThePlatformsItIsBuiltFor() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        boolean supported = os.contains("linux") && !isMusl();

        assertThat(NativeCrypto.isNative()).isEqualTo(supported);
    }

    @Test
    void theGlobalOrderOfProvidersStaysAsItIs() {
        String name = NativeCrypto.signatureProvider().getName();

        if (NativeCrypto.isNative()) {
            assertThat(Security.getProvider(name)).isNull();
        }
        assertThat(Security.getProviders()[0].getName()).isEqualTo("SUN");
    }

    @ParameterizedTest
    @CsvSource({
        "secp256r1, SHA256withECDSA",
        "secp384r1, SHA384withECDSA",
        "secp521r1, SHA512withECDSA",
        "RSA-2048, SHA256withRSA",
        "Ed25519, Ed25519"
    })
    void verifiesWhatTheJdkSigned(String kind, String algorithm) throws Exception {
        KeyPair pair = AUTHORITY.newKeyPair(kind);
        byte[] message = {1, 2, 3, 4};
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(pair.getPrivate());
        signer.update(message);
        byte[] signature = signer.sign();

        byte[] first = {1, 2};
        byte[] second = {3, 4};
        assertThat(
                        NativeCrypto.verify(
                                algorithm,
                                NativeCrypto.nativeKey(pair.getPublic()),
                                signature,
                                first,
                                second))
                .isTrue();
        assertThat(NativeCrypto.verify(algorithm, pair.getPublic(), signature, second, first))
                .isFalse();
    }

    @Test
    void aKeyOrSignatureThatDoesNotFitIsFalseAndNoException() {
        KeyPair rsa = AUTHORITY.newKeyPair("RSA-2048");
        KeyPair ec = AUTHORITY.newKeyPair();

        assertThat(NativeCrypto.verify("SHA256withECDSA", rsa.getPublic(), new byte[70])).isFalse();
        assertThat(NativeCrypto.verify("SHA256withECDSA", ec.getPublic(), new byte[0])).isFalse();
        assertThat(NativeCrypto.verify("SHA256withECDSA", ec.getPublic(), new byte[70])).isFalse();
        assertThat(NativeCrypto.verify("SHA256withRSA", rsa.getPublic(), new byte[9])).isFalse();
    }

    @Test
    void anUnknownAlgorithmIsSaidToBeUnknown() {
        assertThatThrownBy(() -> NativeCrypto.signature("ROT13withAbacus"))
                .isInstanceOf(NoSuchAlgorithmException.class);
    }

    private static boolean isMusl() {
        return java.nio.file.Files.exists(java.nio.file.Path.of("/lib/ld-musl-x86_64.so.1"));
    }
}
