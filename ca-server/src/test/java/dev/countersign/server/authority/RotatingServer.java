package dev.countersign.server.authority;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditTrail;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.authority.approval.Approvals;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.RotationPlan;
import dev.countersign.server.authority.rotation.RotationState.Stable;
import dev.countersign.server.keys.KeyVault;
import dev.countersign.server.keys.KeyVaultException;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.Passphrase;
import dev.countersign.server.keys.encryptedfile.EncryptedFileKeyVault;
import dev.countersign.server.keys.memory.MemoryKeyVault;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.lint.LintedCertificate;
import dev.countersign.server.lint.Linter;
import dev.countersign.server.store.Store;
import dev.countersign.server.store.StoreConfig;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.KeyIds;
import dev.countersign.server.x509.Scrypt;
import dev.countersign.server.x509.SerialNumbers;
import dev.countersign.trust.SvidVerifier;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process of its own that issues, and rotates its root again and again, until somebody kills it.
 * Prints {@code signed SERIAL}. Arguments: folder, process id, and where it stops ({@link Trap});
 * {@code once} instead of that: it issues one certificate and ends by itself.
 */
public final class RotatingServer {
    private static final PrintStream OUT = System.out;
    private static final TrustDomain DOMAIN = new TrustDomain("prod.example");
    private static final SpiffeId CART = SpiffeId.parse("spiffe://prod.example/ns/shop/sa/cart");
    private static final Scrypt CHEAP = new Scrypt(1 << 10, 8, 1);
    private static final Duration LEASE = Duration.ofMillis(400);
    private static final Duration LIFE = Duration.ofSeconds(2);
    private static final RotationPlan PLAN =
            new RotationPlan(
                    Duration.ZERO,
                    Optional.empty(),
                    Duration.ZERO,
                    Duration.ZERO,
                    LEASE.plus(LEASE.dividedBy(2)),
                    Duration.ofDays(30),
                    Optional.empty(),
                    50,
                    false);

    private final SecureRandom random = new SecureRandom();
    private final InstantSource clock = InstantSource.system();
    private final CertificateAssembler assembler = new CertificateAssembler();
    private final Linter linter =
            new Linter(
                    LintProfile.of(
                            LintProfile.Purpose.WORKLOAD,
                            Duration.ofSeconds(1),
                            Duration.ofHours(24)));
    private final Trap trap;
    private final AuditTrail audit;
    private final AuthorityRing ring;
    private final RootRotation rotation;

    private RotatingServer(Path folder, Store store, Trap trap) throws Exception {
        this.trap = trap;
        audit = trap.in(AuditTrail.class, store.auditTrail());
        KeyVault vault =
                new EncryptedFileKeyVault(
                        folder.resolve("keys"),
                        Passphrase.takeOver("a long enough passphrase".toCharArray()),
                        CHEAP,
                        random);
        ring =
                AuthorityRing.open(
                        new AuthorityRing.Parts(
                                AuthoritySettings.defaults(DOMAIN).withLease(LEASE),
                                trap.in(KeyVault.class, vault),
                                new MemoryKeyVault(random),
                                trap.in(AuthorityJournal.class, store.authorityJournal()),
                                store.issuedLeaves(),
                                audit,
                                assembler),
                        clock,
                        random);
        store.replicas().confirm(ring.epoch());
        rotation =
                new RootRotation(
                        ring,
                        new RootRotation.Parts(
                                Verifiers.NONE,
                                store.replicas(),
                                store.leadership(),
                                Approvals.notConfigured()),
                        clock,
                        random);
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        boolean once = arguments[2].equals("once");
        Store store =
                Store.open(
                        StoreConfig.sqlite(folder.resolve("store.db")),
                        InstantSource.system(),
                        arguments[1]);
        RotatingServer server =
                new RotatingServer(
                        folder,
                        store,
                        once ? new Trap("never", false, "") : Trap.parse(arguments[2]));
        if (once) {
            server.issue();
            store.close();
            return;
        }
        Thread.ofVirtual().start(server::issueForEver);
        server.rotateForEver();
    }

    private void rotateForEver() throws Exception {
        while (true) {
            try {
                ring.maintain(clock.instant());
                if (ring.rotation() instanceof Stable) {
                    rotation.begin(Change.Subject.ROOT, PLAN, "sweep");
                }
                rotation.tick();
            } catch (AuthorityRefused later) {
                OUT.println("later " + later.getMessage());
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private void issueForEver() {
        try {
            while (true) {
                issue();
                TimeUnit.MILLISECONDS.sleep(20);
            }
        } catch (Exception fault) {
            OUT.println("fault " + fault);
        }
    }

    /** As the pipeline does: linted, on record, signed, believed, and only then given away. */
    private void issue() throws Exception {
        LintedCertificate linted;
        IssuanceIntent intent;
        List<X509Certificate> above;
        try {
            IssuingAuthority authority = ring.active();
            CertificatePlan plan = plan(authority);
            linted = linter.lint(assembler.toBeSigned(plan), plan);
            above = authority.chain();
            intent = intent(authority, plan, linted);
            audit.intend(intent);
        } catch (AuthorityRefused | AuditUnavailable later) {
            return;
        }
        try {
            X509Certificate signed = ring.sign(linted);
            trap.spring("sign", true);
            List<X509Certificate> chain = new ArrayList<>(List.of(signed));
            chain.addAll(above);
            new SvidVerifier(ring, clock).verify(chain);
            audit.issued(intent, KeyIds.sha256(signed));
            OUT.println("signed " + intent.serial());
        } catch (AuthorityRefused later) {
            audit.failed(intent, later.reason().name());
        }
    }

    private CertificatePlan plan(IssuingAuthority authority) throws KeyVaultException {
        return new CertificatePlan(
                SerialNumbers.next(random),
                CART,
                List.of(),
                LocalKey.generate(random).publicKey().getEncoded(),
                authority.notBefore(clock.instant().minus(LintProfile.BACKDATE)),
                clock.instant().plus(LIFE),
                authority.certificate());
    }

    private IssuanceIntent intent(
            IssuingAuthority authority, CertificatePlan plan, LintedCertificate linted) {
        return new IssuanceIntent(
                authority.keyId(),
                plan.serial().toString(16),
                plan.id(),
                "cart-0",
                "0f0e0d0c-5c55-4e4a-9c6b-000000000000",
                Optional.empty(),
                KeyIds.sha256(plan.subjectPublicKeyInfo()),
                KeyIds.sha256(linted.toBeSigned()),
                plan.notBefore(),
                plan.notAfter(),
                clock.instant(),
                "");
    }
}
