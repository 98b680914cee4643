package dev.countersign.agent.svid;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.RepeatedTest;

class CertificateSigningRequestTest {
    // Repeated: the lengths inside depend on the signature, which is another each time.
    @RepeatedTest(50)
    void isStrictDerThatProvesPossessionAndSaysNothingElse() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();

        byte[] der = CertificateSigningRequest.of(pair);

        PKCS10CertificationRequest parsed = new PKCS10CertificationRequest(der);
        assertThat(parsed.toASN1Structure().getEncoded(ASN1Encoding.DER)).isEqualTo(der);
        assertThat(
                        parsed.isSignatureValid(
                                new JcaContentVerifierProviderBuilder().build(pair.getPublic())))
                .isTrue();
        assertThat(parsed.getSubjectPublicKeyInfo().getEncoded())
                .isEqualTo(pair.getPublic().getEncoded());
        assertThat(parsed.getSubject().getRDNs()).isEmpty();
        assertThat(parsed.getAttributes()).isEmpty();
        assertThat(
                        parsed.toASN1Structure()
                                .getCertificationRequestInfo()
                                .getVersion()
                                .intValueExact())
                .isZero();
    }
}
