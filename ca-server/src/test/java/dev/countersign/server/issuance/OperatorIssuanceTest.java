package dev.countersign.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.authority.AuthorityRing;
import dev.countersign.server.authority.AuthoritySettings;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.SigningKey;
import dev.countersign.server.keys.memory.MemoryKeyVault;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.operators.Operators;
import dev.countersign.server.operators.Role;
import dev.countersign.server.revocation.IssuanceBlocks;
import dev.countersign.server.testing.Csrs;
import dev.countersign.server.testing.InMemoryAuditTrail;
import dev.countersign.server.testing.InMemoryAuthorityJournal;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CsrParser;
import dev.countersign.server.x509.KeyKind;
import dev.countersign.testing.MutableClock;
import dev.countersign.trust.SvidVerifier;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Operators' certificates by a real authority, with vaults that a test can look into. */
class OperatorIssuanceTest {
    private static final TrustDomain DOMAIN = new TrustDomain("prod.example");
    private static final Duration INTERMEDIATE_LIFE = Duration.ofHours(2);

    private final SecureRandom random = new SecureRandom();
    private final MutableClock clock = MutableClock.create();
    private Optional<IssuanceBlocks.Block> revoked = Optional.empty();
    private final InMemoryAuditTrail audit = new InMemoryAuditTrail();
    private final CertificateAssembler assembler = new CertificateAssembler();
    private final WatchedVault rootKeys = new WatchedVault(new MemoryKeyVault(random));
    private final WatchedVault intermediateKeys = new WatchedVault(new MemoryKeyVault(random));

    private AuthorityRing ring;
    private OperatorIssuance issuance;

    @BeforeEach
    void open() throws Exception {
        ring =
                AuthorityRing.open(
                        new AuthorityRing.Parts(
                                new AuthoritySettings(
                                        DOMAIN,
                                        Duration.ofDays(1),
                                        INTERMEDIATE_LIFE,
                                        Duration.ofDays(7)),
                                rootKeys,
                                intermediateKeys,
                                new InMemoryAuthorityJournal(),
                                audit,
                                assembler),
                        clock,
                        random);
        issuance =
                new OperatorIssuance(
                        new Operators(DOMAIN, Map.of("alice", Role.VIEWER)),
                        new CsrParser(EnumSet.allOf(KeyKind.class)),
                        new IssuanceRules(
                                DOMAIN,
                                new IssuanceProfiles(
                                        IssuanceProfile.ofLife(Duration.ofHours(1)), Map.of()),
                                audit,
                                ring::isAuthorityKey),
                        (id, podUid, peer) -> revoked,
                        new ReservedNameIssuer(
                                new ReservedNameIssuer.Parts(
                                        ring, assembler, audit, new SvidVerifier(ring, clock)),
                                LintProfile.Purpose.OPERATOR,
                                OperatorIssuance.SHORTEST_LIFE,
                                OperatorIssuance.LONGEST_LIFE,
                                random),
                        audit,
                        clock);
    }

    @Test
    void theRootsKeyTheBundlesAndTheIntermediatesAreNobodys() {
        assertThat(rootKeys.made).hasSize(2);
        assertThat(intermediateKeys.made).isNotEmpty();
        List<SigningKey> authorities = new ArrayList<>(rootKeys.made);
        authorities.addAll(intermediateKeys.made);

        assertThat(authorities)
                .allSatisfy(key ->
                        assertThat(refusal(command(Csrs.signedBy(key))).reason())
                                .isEqualTo("CSR_KEY_OF_AUTHORITY"));
        assertThat(audit.events())
                .extracting(AuditEvent::type)
                .contains(AuditEvent.Type.ISSUANCE_REFUSED);
    }

    @Test
    void aCertificateNeverOutlivesTheAuthority() throws Exception {
        IssuedOperator issued = issuance.issue(command(Duration.ofHours(24)));

        assertThat(issued.chain().getFirst().getNotAfter().toInstant())
                .isEqualTo(ring.active().latestNotAfter());
    }

    @Test
    void aRevokedOperatorGetsNothing() {
        revoked =
                Optional.of(
                        new IssuanceBlocks.Block(
                                IssuanceBlocks.BlockReason.IDENTITY_REVOKED, "identity: alice"));
        long before = audit.issuedCount();

        IssuanceRefused refused = refusal(command(Duration.ofHours(1)));

        assertThat(refused.reason()).isEqualTo("IDENTITY_REVOKED");
        assertThat(refused.kind()).isEqualTo(IssuanceRefused.Kind.FORBIDDEN);
        assertThat(audit.issuedCount()).isEqualTo(before);
    }

    @Test
    void anAuthorityThatEndsTooSoonIsSaidAndNothingIsSigned() {
        clock.advance(INTERMEDIATE_LIFE.minus(Duration.ofMinutes(4)));
        long before = audit.issuedCount();

        IssuanceRefused refused = refusal(command(Duration.ofHours(1)));

        assertThat(refused.reason()).isEqualTo("AUTHORITY_EXPIRING");
        assertThat(refused.kind()).isEqualTo(IssuanceRefused.Kind.UNAVAILABLE);
        assertThat(audit.issuedCount()).isEqualTo(before);
    }

    @Test
    void withoutALogNothingIsSigned() {
        audit.failWith("disk full");

        IssuanceRefused refused = refusal(command(Duration.ofHours(1)));

        assertThat(refused.reason()).isEqualTo("LOG_UNAVAILABLE");
        assertThat(refused.retryAfter()).isPositive();
        assertThat(
                        audit.certificates(
                                Optional.empty(), Optional.<Instant>empty(), Long.MAX_VALUE, 10))
                .isEmpty();
    }

    private static OperatorCommand command(Duration life) {
        return new OperatorCommand("alice", Optional.empty(), life, Csrs.of(Csrs.p256()));
    }

    private static OperatorCommand command(byte[] csr) {
        return new OperatorCommand("alice", Optional.empty(), Duration.ofHours(1), csr);
    }

    private IssuanceRefused refusal(OperatorCommand command) {
        return catchThrowableOfType(IssuanceRefused.class, () -> issuance.issue(command));
    }

    /** Keeps hold of what was made, as no caller of a server can. */
    private static final class WatchedVault implements KeyVault {
        private final KeyVault vault;
        private final List<SigningKey> made = new ArrayList<>();

        WatchedVault(KeyVault vault) {
            this.vault = vault;
        }

        @Override
        public SigningKey create(String name) throws KeyVaultException {
            SigningKey key = vault.create(name);
            made.add(key);
            return key;
        }

        @Override
        public Optional<SigningKey> find(String name) throws KeyVaultException {
            return vault.find(name);
        }

        @Override
        public boolean destroy(String name) throws KeyVaultException {
            return vault.destroy(name);
        }
    }
}
