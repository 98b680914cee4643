package dev.countersign.server.authority;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.memory.MemoryKeyVault;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.lint.LintProfile.Purpose;
import dev.countersign.server.lint.Linter;
import dev.countersign.server.testing.InMemoryAuditTrail;
import dev.countersign.server.testing.InMemoryAuthorityJournal;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.SerialNumbers;
import dev.countersign.testing.MutableClock;
import dev.countersign.trust.SvidVerifier;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The option that keeps what an intermediate signs to its trust domain. */
final class NameConstraintsTest {
    private static final String OID = "2.5.29.30";

    private final SecureRandom random = new SecureRandom();
    private final MutableClock clock = MutableClock.create();
    private final CertificateAssembler assembler = new CertificateAssembler();

    @Test
    void thereAreNoneUnlessAskedFor() throws Exception {
        AuthorityRing ring = ring(new TrustDomain("prod.example"), false);

        assertThat(ring.active().certificate().getExtensionValue(OID)).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 118, 122, 124, 126, 200, 249, 255})
    void agentsBelieveWhatAConstrainedIntermediateSigns(int length) throws Exception {
        TrustDomain domain = new TrustDomain("a".repeat(length - 4) + ".tld");
        AuthorityRing ring = ring(domain, true);
        X509Certificate intermediate = ring.active().certificate();

        X509Certificate leaf = leaf(ring, SpiffeId.parse(domain.id() + "/ns/shop/sa/web"));

        assertThat(intermediate.getCriticalExtensionOIDs()).contains(OID);
        new SvidVerifier(ring, clock).verify(List.of(leaf, intermediate));
    }

    @Test
    void theJdkBelievesItToo() throws Exception {
        AuthorityRing ring = ring(new TrustDomain("prod.example"), true);
        X509Certificate leaf = leaf(ring, SpiffeId.parse("spiffe://prod.example/ns/shop/sa/web"));
        PKIXParameters parameters =
                new PKIXParameters(Set.of(new TrustAnchor(ring.bundle().roots().getFirst(), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(clock.instant()));

        CertPathValidator.getInstance("PKIX")
                .validate(
                        CertificateFactory.getInstance("X.509")
                                .generateCertPath(List.of(leaf, ring.active().certificate())),
                        parameters);
    }

    private X509Certificate leaf(AuthorityRing ring, SpiffeId id) throws Exception {
        CertificatePlan plan =
                new CertificatePlan(
                        SerialNumbers.next(random),
                        id,
                        List.of(),
                        LocalKey.generate(random).publicKey().getEncoded(),
                        clock.instant().minus(LintProfile.BACKDATE),
                        clock.instant().plus(Duration.ofHours(1)),
                        ring.active().certificate());
        Linter linter =
                new Linter(
                        LintProfile.of(
                                Purpose.WORKLOAD, Duration.ofMinutes(1), Duration.ofHours(24)));
        return ring.sign(linter.lint(assembler.toBeSigned(plan), plan));
    }

    private AuthorityRing ring(TrustDomain domain, boolean constrain) throws Exception {
        return AuthorityRing.open(
                new AuthorityRing.Parts(
                        AuthoritySettings.defaults(domain).constrainingNames(constrain),
                        new MemoryKeyVault(random),
                        new MemoryKeyVault(random),
                        new InMemoryAuthorityJournal(),
                        new InMemoryAuditTrail(),
                        assembler),
                clock,
                random);
    }
}
