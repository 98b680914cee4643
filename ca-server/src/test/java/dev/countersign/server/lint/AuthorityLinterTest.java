package dev.countersign.server.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.x509.AuthorityPlan;
import dev.countersign.server.x509.AuthorityPlan.Role;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.SerialNumbers;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class AuthorityLinterTest {
    private static final BigInteger SERIAL = SerialNumbers.next(new SecureRandom());
    private static final Instant NOW = LeafBytes.NOW;

    private final CertificateAssembler assembler = new CertificateAssembler();
    private final AuthorityLinter linter = new AuthorityLinter();
    private final KeyPair keys = LeafBytes.keys();

    @Test
    void rootsOfTheAssemblerPass() throws Exception {
        AuthorityPlan plan = plan(SERIAL, 2, NOW.plusSeconds(60), Optional.empty());

        LintedAuthority linted = lint(bytes(plan), plan);

        assertThat(linted.use()).isEqualTo(bytes(plan));
        assertThatIllegalStateException().isThrownBy(linted::use);
    }

    @Test
    void intermediatesOfTheAssemblerPass() throws Exception {
        AuthorityPlan plan = intermediate(NOW.plusSeconds(60));

        assertThat(lint(bytes(plan), plan).plan()).isEqualTo(plan);
    }

    @Test
    void everyBitOfAnIntermediateIsHeldToThePlan() {
        assertEveryByteMatters(intermediate(NOW.plusSeconds(60)));
    }

    @Test
    void everyBitOfARootIsHeldToThePlan() {
        assertEveryByteMatters(plan(SERIAL, 2, NOW.plusSeconds(60), Optional.empty()));
    }

    private void assertEveryByteMatters(AuthorityPlan plan) {
        byte[] good = bytes(plan);
        Random random = new Random(20_260_104L);
        for (int i = 0; i < good.length; i++) {
            byte[] damaged = good.clone();
            damaged[i] ^= (byte) (1 + random.nextInt(255));

            assertThatExceptionOfType(LintRefused.class)
                    .as("byte " + i)
                    .isThrownBy(() -> lint(damaged, plan));
        }
    }

    @Test
    void anAuthorityThatOutlivesItsIssuerIsRefused() {
        Instant end = LeafBytes.ISSUER.getNotAfter().toInstant();

        refused(intermediate(end.plusSeconds(1)), "validity-within-issuer: ");
    }

    @Test
    void serialsHaveTheirBounds() {
        refused(
                plan(BigInteger.ONE, 2, NOW.plusSeconds(60), Optional.empty()),
                "serial-number: 1 bits");
        refused(plan(SERIAL.negate(), 2, NOW.plusSeconds(60), Optional.empty()), "serial-number: ");
    }

    @Test
    void validityNeedsAnOrder() {
        refused(plan(SERIAL, 2, NOW.minusSeconds(1), Optional.empty()), "validity-as-planned: ");
    }

    @Test
    void anotherPathLengthOrTrustDomainIsFound() {
        AuthorityPlan plan = plan(SERIAL, 2, NOW.plusSeconds(60), Optional.empty());
        AuthorityPlan other =
                new AuthorityPlan(
                        SERIAL,
                        new TrustDomain("other.example"),
                        Role.ROOT,
                        keys.getPublic().getEncoded(),
                        NOW,
                        NOW.plusSeconds(60),
                        1,
                        Optional.empty());

        assertThatExceptionOfType(LintRefused.class)
                .isThrownBy(() -> lint(bytes(other), plan))
                .withMessageContaining("ca-with-path-length: ")
                .withMessageContaining("trust-domain: ")
                .satisfies(e -> assertThat(e.findings()).hasSize(2));
    }

    private void refused(AuthorityPlan plan, String finding) {
        assertThatExceptionOfType(LintRefused.class)
                .isThrownBy(() -> lint(bytes(plan), plan))
                .withMessageContaining(finding)
                .satisfies(e -> assertThat(e.findings()).hasSize(1));
    }

    private byte[] bytes(AuthorityPlan plan) {
        return assembler.toBeSigned(plan, issuerKey(plan));
    }

    private LintedAuthority lint(byte[] bytes, AuthorityPlan plan) throws LintRefused {
        return linter.lint(bytes, plan, issuerKey(plan));
    }

    private PublicKey issuerKey(AuthorityPlan plan) {
        return plan.issuer().map(X509Certificate::getPublicKey).orElse(keys.getPublic());
    }

    private AuthorityPlan intermediate(Instant notAfter) {
        return plan(SERIAL, 0, notAfter, Optional.of(LeafBytes.ISSUER));
    }

    private AuthorityPlan plan(
            BigInteger serial, int pathLength, Instant notAfter, Optional<X509Certificate> issuer) {
        return new AuthorityPlan(
                serial,
                LeafBytes.DOMAIN,
                issuer.isEmpty() ? Role.ROOT : Role.INTERMEDIATE,
                keys.getPublic().getEncoded(),
                NOW,
                notAfter,
                pathLength,
                issuer);
    }
}
