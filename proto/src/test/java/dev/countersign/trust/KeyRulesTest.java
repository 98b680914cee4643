package dev.countersign.trust;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import org.junit.jupiter.api.Test;

/** RSA keys that no honest generator makes; other kinds are tested through the verifier. */
final class KeyRulesTest {
    private static final BigInteger F4 = BigInteger.valueOf(65537);

    @Test
    void rsaOf2048To8192BitsIsStrong() {
        for (int bits : new int[] {2048, 3072, 4096, 8192}) {
            assertThatCode(() -> KeyRules.checkKey(rsa(oddOf(bits), F4), "leaf"))
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void rsaOutsideTheseBoundsIsWeakOrTooMuchWork() {
        assertWeak(rsa(oddOf(2047), F4));
        assertWeak(rsa(oddOf(8193), F4));
        assertWeak(rsa(oddOf(16384), F4));
    }

    @Test
    void anEvenModulusIsWeak() {
        assertWeak(rsa(BigInteger.ONE.shiftLeft(2047), F4));
    }

    @Test
    void exponentsThatAreSmallOrEvenOrHugeAreWeak() {
        assertWeak(rsa(oddOf(2048), BigInteger.ONE));
        assertWeak(rsa(oddOf(2048), BigInteger.valueOf(3)));
        assertWeak(rsa(oddOf(2048), F4.add(BigInteger.ONE)));
        assertWeak(rsa(oddOf(2048), BigInteger.ONE.shiftLeft(64).add(BigInteger.ONE)));
    }

    private static void assertWeak(PublicKey key) {
        assertThatThrownBy(() -> KeyRules.checkKey(key, "leaf"))
                .isInstanceOf(TrustRefused.class)
                .hasMessageStartingWith("KEY_WEAK: leaf: key RSA of ");
    }

    private static BigInteger oddOf(int bits) {
        return BigInteger.ONE.shiftLeft(bits - 1).setBit(0);
    }

    private static RSAPublicKey rsa(BigInteger modulus, BigInteger exponent) {
        return new OddRsaKey(modulus, exponent);
    }

    /** What a provider that checks nothing would hand out. */
    private record OddRsaKey(BigInteger modulus, BigInteger exponent) implements RSAPublicKey {
        @Override
        public BigInteger getModulus() {
            return modulus;
        }

        @Override
        public BigInteger getPublicExponent() {
            return exponent;
        }

        @Override
        public String getAlgorithm() {
            return "RSA";
        }

        @Override
        public String getFormat() {
            return "X.509";
        }

        @Override
        public byte[] getEncoded() {
            return new byte[0];
        }
    }
}
