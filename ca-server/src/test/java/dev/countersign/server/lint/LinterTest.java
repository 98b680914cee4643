package dev.countersign.server.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.countersign.server.lint.LintProfile.Purpose;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LinterTest {
    private final Linter linter =
            new Linter(
                    LintProfile.of(Purpose.WORKLOAD, Duration.ofMinutes(5), Duration.ofHours(24)));
    private final CertificateAssembler assembler = new CertificateAssembler();

    @Test
    void whatTheAssemblerMakesPasses() throws Exception {
        CertificatePlan plan = LeafBytes.plan();
        byte[] bytes = assembler.toBeSigned(plan);

        LintedCertificate linted = linter.lint(bytes, plan);

        assertThat(linted.toBeSigned()).isEqualTo(bytes);
        assertThat(linted.plan()).isEqualTo(plan);
    }

    @Test
    void plannedDnsNamesPass() {
        CertificatePlan plan = withDnsNames(List.of("db.shop.svc", "db"));

        assertThatCode(() -> linter.lint(assembler.toBeSigned(plan), plan))
                .doesNotThrowAnyException();
    }

    @Test
    void bytesOfAnotherPlanAreRefusedWithEveryDifference() {
        byte[] bytes = assembler.toBeSigned(withDnsNames(List.of("db")));

        assertThatExceptionOfType(LintRefused.class)
                .isThrownBy(() -> linter.lint(bytes, LeafBytes.plan()))
                .satisfies(e -> assertThat(e.findings()).hasSize(2))
                .withMessageContaining("serial-number: ")
                .withMessageContaining("planned-names-only: [DNS:db] (expected: [])");
    }

    @Test
    void laterChangesToTheArrayDoNotReachTheProof() throws Exception {
        CertificatePlan plan = LeafBytes.plan();
        byte[] bytes = assembler.toBeSigned(plan);
        byte[] before = bytes.clone();

        LintedCertificate linted = linter.lint(bytes, plan);
        bytes[20] ^= 1;

        assertThat(linted.use()).isEqualTo(before);
    }

    @Test
    void proofCanBeUsedOnce() throws Exception {
        CertificatePlan plan = LeafBytes.plan();
        LintedCertificate linted = linter.lint(assembler.toBeSigned(plan), plan);

        linted.use();

        assertThatIllegalStateException().isThrownBy(linted::use).withMessageContaining("once");
    }

    @Test
    void everyBitOfACertificateIsHeldToThePlan() {
        CertificatePlan plan = LeafBytes.plan();
        byte[] good = assembler.toBeSigned(plan);
        Random random = new Random(20_260_102L);
        for (int i = 0; i < good.length; i++) {
            byte[] damaged = good.clone();
            damaged[i] ^= (byte) (1 + random.nextInt(255));

            assertThatExceptionOfType(LintRefused.class)
                    .as("byte " + i)
                    .isThrownBy(() -> linter.lint(damaged, plan));
        }
    }

    @Test
    void profileNeedsAnOrder() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new LintProfile(Purpose.WORKLOAD, Duration.ofHours(2), Duration.ofHours(1)))
                .withMessage("minLife: PT2H (expected: > 0 and <= maxLife PT1H)");
    }

    private static CertificatePlan withDnsNames(List<String> names) {
        CertificatePlan plan = LeafBytes.plan();
        return new CertificatePlan(
                plan.serial(),
                plan.id(),
                names,
                plan.subjectPublicKeyInfo(),
                plan.notBefore(),
                plan.notAfter(),
                plan.issuer());
    }
}
