package dev.countersign.server.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.countersign.identity.SpiffeId;
import dev.countersign.identity.TrustDomain;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.authority.AuthorityRefused.Reason;
import dev.countersign.server.authority.approval.ApprovalDesk;
import dev.countersign.server.authority.approval.ApprovalRules;
import dev.countersign.server.authority.approval.Approvals;
import dev.countersign.server.authority.approval.SignedApproval;
import dev.countersign.server.authority.rotation.Change;
import dev.countersign.server.authority.rotation.Decision;
import dev.countersign.server.authority.rotation.LiveLeaves;
import dev.countersign.server.authority.rotation.Phase;
import dev.countersign.server.authority.rotation.Replica;
import dev.countersign.server.authority.rotation.RotationPlan;
import dev.countersign.server.keys.LocalKey;
import dev.countersign.server.keys.memory.MemoryKeyVault;
import dev.countersign.server.lint.LintProfile;
import dev.countersign.server.lint.LintedCertificate;
import dev.countersign.server.lint.Linter;
import dev.countersign.server.testing.InMemoryApprovalRecords;
import dev.countersign.server.testing.InMemoryAuditTrail;
import dev.countersign.server.testing.InMemoryAuthorityJournal;
import dev.countersign.server.x509.CertificateAssembler;
import dev.countersign.server.x509.CertificatePlan;
import dev.countersign.server.x509.SerialNumbers;
import dev.countersign.testing.MutableClock;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The executor with real authorities: what is written when, who may act, and who must not. */
final class RootRotationTest {
    private static final TrustDomain DOMAIN = new TrustDomain("prod.example");
    private static final SpiffeId CART = SpiffeId.parse("spiffe://prod.example/ns/shop/sa/cart");
    private static final Duration LEASE = Duration.ofSeconds(10);
    private static final RotationPlan PLAN =
            new RotationPlan(
                    Duration.ofSeconds(20),
                    Optional.empty(),
                    Duration.ofSeconds(20),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(15),
                    Duration.ofDays(30),
                    Optional.empty(),
                    50,
                    false);

    private static final KeyPair ALICE = operator();
    private static final KeyPair BOB = operator();

    private final SecureRandom random = new SecureRandom();
    private final MutableClock clock = MutableClock.create();
    private final MemoryKeyVault vault = new MemoryKeyVault(random);
    private final InMemoryAuthorityJournal journal = new InMemoryAuthorityJournal();
    private final InMemoryAuditTrail audit = new InMemoryAuditTrail();
    private final CertificateAssembler assembler = new CertificateAssembler();
    private final Leaves leaves = new Leaves();
    private Approvals approvals = Approvals.notConfigured();
    private final Linter linter =
            new Linter(
                    LintProfile.of(
                            LintProfile.Purpose.WORKLOAD,
                            Duration.ofMinutes(1),
                            Duration.ofHours(24)));

    @Test
    void everyMoveIsInTheLogBeforeItIsInForce() throws Exception {
        Server server = new Server("one");
        server.begin();
        Set<Phase> seen = EnumSet.noneOf(Phase.class);

        while (server.phase() != Phase.STABLE) {
            List<AuditEvent> before = new ArrayList<>();
            long epoch = journal.load().orElseThrow().epoch();
            journal.beforeNextReplace(() -> before.addAll(audit.events()));
            clock.advance(Duration.ofSeconds(5));
            server.rotation.tick();
            seen.add(server.phase());
            if (journal.load().orElseThrow().epoch() > epoch) {
                assertThat(before)
                        .filteredOn(event -> event.type() == AuditEvent.Type.ROTATION_MOVED)
                        .last()
                        .satisfies(event ->
                                assertThat(event.facts())
                                        .containsEntry("epoch", Long.toString(epoch + 1)));
            }
        }

        assertThat(seen)
                .containsExactlyInAnyOrder(
                        Phase.DISTRIBUTING,
                        Phase.ACTIVE,
                        Phase.DRAINING,
                        Phase.RETIRING,
                        Phase.STABLE);
    }

    @Test
    void withoutALogNothingMoves() throws Exception {
        Server server = new Server("one");
        server.begin();
        server.until(Phase.DISTRIBUTING);
        clock.advance(Duration.ofMinutes(1));
        audit.failWith("disk full");

        refused(Reason.AUDIT_UNAVAILABLE, server.rotation::tick);

        assertThat(journal.load().orElseThrow().epoch()).isEqualTo(server.ring.epoch());
        assertThat(server.phase()).isEqualTo(Phase.DISTRIBUTING);
    }

    @Test
    void ofTwoThatLeadAtOnceOneMakesEachMove() throws Exception {
        Server one = new Server("one");
        Server other = new Server("two");
        one.begin();
        one.until(Phase.DISTRIBUTING);
        other.ring.maintain(clock.instant());
        clock.advance(Duration.ofMinutes(1));
        journal.beforeNextReplace(other.rotation::tick);

        one.rotation.tick();
        one.rotation.tick();

        assertThat(one.ring.signedBundle()).isEqualTo(other.ring.signedBundle());
        assertThat(moves("ACTIVE")).as("decided by both, in force once").hasSize(2);
        assertThat(one.ring.epoch()).isEqualTo(other.ring.epoch()).isEqualTo(5);
    }

    @Test
    void ofTwoOperatorsWhoBeginAtOnceOneIsRefused() throws Exception {
        Server one = new Server("one");
        Server other = new Server("two");
        journal.beforeNextReplace(() -> {
            try {
                other.begin();
            } catch (RotationRefused e) {
                throw new IllegalStateException(e);
            }
        });

        assertThatExceptionOfType(RotationRefused.class)
                .isThrownBy(one::begin)
                .satisfies(refused ->
                        assertThat(refused.reason())
                                .isEqualTo(RotationRefused.Reason.ROTATION_RUNNING))
                .withMessageContaining("by two");
    }

    @Test
    void oneThatWasPausedAcrossAPhaseSignsByTheNewRoot() throws Exception {
        Server one = new Server("one");
        Server paused = new Server("two");
        LintedCertificate planned = paused.plan();
        one.begin();
        one.until(Phase.DRAINING);

        paused.nanos += LEASE.toNanos();

        refused(Reason.ISSUER_RETIRED, () -> paused.ring.sign(planned));
        assertThat(paused.ring.active().certificate().getIssuerX500Principal())
                .isEqualTo(one.ring.active().certificate().getIssuerX500Principal());
    }

    @Test
    void oneThatIsCutOffFromTheJournalSignsNothingAfterItsLease() throws Exception {
        Server one = new Server("one");
        LintedCertificate planned = one.plan();
        journal.setUnavailable(true);
        assertThat(one.ring.sign(planned)).isNotNull();
        LintedCertificate later = one.plan();

        one.nanos += LEASE.toNanos();

        refused(Reason.JOURNAL_UNAVAILABLE, () -> one.ring.sign(later));
        refused(Reason.JOURNAL_UNAVAILABLE, one.ring::active);
    }

    @Test
    void whatWasSignedWhileALeaseEndedNeverLeaves() throws Exception {
        Server one = new Server("one");
        LintedCertificate planned = one.plan();
        one.looksUntilPause = 1;

        refused(Reason.PHASE_STALE, () -> one.ring.sign(planned));
    }

    @Test
    void aDatabaseFromAnOlderCopyMovesNothingAndEndsSigning() throws Exception {
        Server one = new Server("one");
        AuthorityJournal.State copy = journal.load().orElseThrow();
        one.begin();
        one.until(Phase.DISTRIBUTING);
        LintedCertificate planned = one.plan();
        journal.force(Optional.of(copy));

        refused(Reason.JOURNAL_WENT_BACK, one.rotation::tick);
        one.nanos += LEASE.toNanos();
        refused(Reason.JOURNAL_WENT_BACK, () -> one.ring.sign(planned));

        assertThat(one.phase()).isEqualTo(Phase.DISTRIBUTING);
    }

    @Test
    void aLeafCountsAsLiveForAsLongAsSomeClockMaySaySo() throws Exception {
        Server one = new Server("one");
        one.begin();
        String old = one.rotation.view().state().signing().keyId();
        one.until(Phase.DRAINING);
        Instant ends = clock.instant().plusSeconds(30);
        leaves.live.put(old, new LiveLeaves(1, ends, "shop/cart"));

        clock.advance(Duration.ofSeconds(30).plus(PLAN.skew()).minusSeconds(1));
        one.rotation.tick();
        assertThat(one.phase()).isEqualTo(Phase.DRAINING);
        clock.advance(Duration.ofSeconds(1));
        one.rotation.tick();

        assertThat(one.phase()).isEqualTo(Phase.RETIRING);
    }

    @Test
    void theKeyOfARootIsDestroyedOnceNothingLivesUnderIt() throws Exception {
        Server one = new Server("one");
        String old = one.ring.rotation().signing().keyId();
        String key = one.ring.rotation().signing().keyName();
        RootDestruction destruction = one.destruction();
        refusedFor(RotationRefused.Reason.ROOT_IN_USE, () -> destruction.destroy(old, "old", "me"));
        one.begin();
        one.until(Phase.RETIRING);
        refusedFor(RotationRefused.Reason.ROOT_IN_USE, () -> destruction.destroy(old, "old", "me"));
        one.until(Phase.STABLE);
        leaves.live.put(old, new LiveLeaves(1, clock.instant().plusSeconds(30), "shop/cart"));
        refusedFor(
                RotationRefused.Reason.ROOT_LEAVES_LIVE,
                () -> destruction.destroy(old, "old", "me"));
        leaves.live.clear();
        refusedFor(
                RotationRefused.Reason.ROOT_LEAVES_LIVE,
                () -> destruction.destroy(old, "old", "me"));
        clock.advance(Duration.ofHours(25));

        assertThat(destruction.destroy(old, "old", "me")).isEqualTo(key);

        assertThat(vault.find(key)).isEmpty();
        assertThat(audit.events())
                .filteredOn(event -> event.type() == AuditEvent.Type.ROOT_DESTROYED)
                .singleElement()
                .satisfies(event ->
                        assertThat(event.facts())
                                .containsEntry("keyId", old)
                                .containsEntry("reason", "old")
                                .containsEntry("by", "me"));
        refusedFor(
                RotationRefused.Reason.ROOT_KEY_GONE, () -> destruction.destroy(old, "old", "me"));
        refusedFor(
                RotationRefused.Reason.ROOT_UNKNOWN, () -> destruction.destroy("ab", "old", "me"));
    }

    @Test
    void withoutALogNoKeyIsDestroyed() throws Exception {
        Server one = new Server("one");
        String old = one.ring.rotation().signing().keyId();
        String key = one.ring.rotation().signing().keyName();
        one.begin();
        one.until(Phase.STABLE);
        clock.advance(Duration.ofHours(25));
        one.ring.maintain(clock.instant());
        audit.failWith("disk full");

        refusedFor(
                RotationRefused.Reason.LOG_UNAVAILABLE,
                () -> one.destruction().destroy(old, "old", "me"));

        assertThat(vault.find(key)).isPresent();
    }

    @Test
    void withApproversNobodyDestroysAKeyAlone() throws Exception {
        Server one = new Server("one");
        String old = one.ring.rotation().signing().keyId();
        String key = one.ring.rotation().signing().keyName();
        one.begin();
        one.until(Phase.STABLE);
        clock.advance(Duration.ofHours(25));
        one.ring.maintain(clock.instant());
        ApprovalDesk desk = approvedByTwo();
        RootDestruction destruction = one.destruction();
        refusedFor(
                RotationRefused.Reason.AWAITING_APPROVAL,
                () -> destruction.destroy(old, "old", "me"));
        assertThat(vault.find(key)).isPresent();

        give(desk, "alice", ALICE);
        give(desk, "bob", BOB);
        destruction.destroy(old, "old", "me");

        assertThat(vault.find(key)).isEmpty();
    }

    @Test
    void withApproversAnotherRootSignsOnlyOnceTwoHaveApprovedThisVeryStep() throws Exception {
        ApprovalDesk desk = approvedByTwo();
        Server one = new Server("one");
        one.begin();
        one.until(Phase.DISTRIBUTING);
        clock.advance(Duration.ofMinutes(1));
        one.rotation.tick();
        assertThat(one.phase()).isEqualTo(Phase.DISTRIBUTING);
        assertThat(waitsFor(one)).contains("activate: approved by 0 []", "root approve --step");

        give(desk, "alice", ALICE);
        one.rotation.tick();
        assertThat(waitsFor(one)).contains("approved by 1 [alice]");
        give(desk, "bob", BOB);
        one.rotation.tick();

        assertThat(one.phase()).isEqualTo(Phase.ACTIVE);
        assertThat(desk.waiting()).as("used up").isEmpty();
    }

    @Test
    void anApprovalOfOneActivationIsNoneOfTheNext() throws Exception {
        ApprovalDesk desk = approvedByTwo();
        Server one = new Server("one");
        one.begin();
        one.until(Phase.DISTRIBUTING);
        clock.advance(Duration.ofMinutes(1));
        one.rotation.tick();
        give(desk, "alice", ALICE);
        give(desk, "bob", BOB);
        one.rotation.undo("me");
        one.begin();
        one.until(Phase.DISTRIBUTING);
        clock.advance(Duration.ofMinutes(1));

        one.rotation.tick();

        assertThat(one.phase()).isEqualTo(Phase.DISTRIBUTING);
        assertThat(waitsFor(one)).contains("approved by 0 []");
    }

    @Test
    void withApproversNobodyDistrustsARootAlone() throws Exception {
        ApprovalDesk desk = approvedByTwo();
        Server one = new Server("one");
        String root = one.ring.rotation().signing().keyId();
        assertThatExceptionOfType(RotationRefused.class)
                .isThrownBy(() -> one.rotation.distrust(root, PLAN, "key seen", "me"))
                .satisfies(refused ->
                        assertThat(refused.reason())
                                .isEqualTo(RotationRefused.Reason.AWAITING_APPROVAL));
        assertThat(one.phase()).isEqualTo(Phase.STABLE);

        give(desk, "alice", ALICE);
        give(desk, "bob", BOB);
        one.rotation.distrust(root, PLAN, "key seen", "me");

        assertThat(one.ring.rotation().signing().keyId()).isNotEqualTo(root);
    }

    @Test
    void withApproversNobodyOverrulesAGuardAlone() throws Exception {
        ApprovalDesk desk = approvedByTwo();
        Server one = new Server("one");
        one.begin();
        one.until(Phase.DISTRIBUTING);
        ThrowingCallable overrule =
                () -> one.rotation.connectionDeadline(Duration.ofSeconds(5), "in a hurry");
        assertThatExceptionOfType(RotationRefused.class)
                .isThrownBy(overrule)
                .withMessageContaining("override: approved by 0 []");

        give(desk, "alice", ALICE);
        give(desk, "bob", BOB);
        one.rotation.connectionDeadline(Duration.ofSeconds(5), "in a hurry");

        assertThat(
                        one.ring
                                .rotation()
                                .rotation()
                                .flatMap(running -> running.plan().connectionDeadline()))
                .contains(Duration.ofSeconds(5));
    }

    private ApprovalDesk approvedByTwo() {
        ApprovalDesk desk =
                new ApprovalDesk(
                        new ApprovalRules(
                                2, Map.of("alice", ALICE.getPublic(), "bob", BOB.getPublic())),
                        DOMAIN,
                        new InMemoryApprovalRecords(),
                        audit,
                        clock,
                        random);
        approvals = desk;
        return desk;
    }

    private void give(ApprovalDesk desk, String name, KeyPair keys) throws Exception {
        String digest = desk.waiting().getLast().step().digest();
        Instant until = clock.instant().plusSeconds(600);
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(keys.getPrivate());
        signature.update(SignedApproval.message(digest, name, until));
        desk.give(new SignedApproval(digest, name, until, signature.sign()));
    }

    private static String waitsFor(Server server) {
        return server.rotation.view().decision() instanceof Decision.Blocked blocked
                ? blocked.blockers().getFirst().detail()
                : "nothing";
    }

    private static KeyPair operator() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<AuditEvent> moves(String to) {
        return audit.events().stream()
                .filter(event -> event.type() == AuditEvent.Type.ROTATION_MOVED)
                .filter(event -> to.equals(event.facts().get("to")))
                .toList();
    }

    private static void refused(Reason reason, ThrowingCallable action) {
        assertThatExceptionOfType(AuthorityRefused.class)
                .isThrownBy(action)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private static void refusedFor(RotationRefused.Reason reason, ThrowingCallable action) {
        assertThatExceptionOfType(RotationRefused.class)
                .isThrownBy(action)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }

    /** One server process, as far as its authority goes. */
    private final class Server {
        final String name;
        final AuthorityRing ring;
        final RootRotation rotation;
        long nanos;

        /** After so many looks at the monotonic clock the process is paused for a lease; 0 = never. */
        int looksUntilPause;

        Server(String name) throws Exception {
            this.name = name;
            ring =
                    AuthorityRing.open(
                            new AuthorityRing.Parts(
                                    AuthoritySettings.defaults(DOMAIN).withLease(LEASE),
                                    vault,
                                    new MemoryKeyVault(random),
                                    journal,
                                    leaves,
                                    audit,
                                    assembler),
                            clock,
                            this::monotonic,
                            random);
            rotation =
                    new RootRotation(
                            ring,
                            new RootRotation.Parts(
                                    Verifiers.NONE, new Alone(), Leadership.ALONE, approvals),
                            clock,
                            random);
        }

        private long monotonic() {
            long now = nanos;
            if (looksUntilPause > 0 && --looksUntilPause == 0) {
                nanos += LEASE.toNanos();
            }
            return now;
        }

        void begin() throws RotationRefused {
            rotation.begin(Change.Subject.ROOT, PLAN, name);
        }

        RootDestruction destruction() {
            return new RootDestruction(ring, approvals, PLAN.skew(), clock);
        }

        Phase phase() {
            return ring.rotation().phase();
        }

        void until(Phase phase) {
            while (phase() != phase) {
                clock.advance(Duration.ofSeconds(5));
                rotation.tick();
            }
        }

        LintedCertificate plan() throws Exception {
            CertificatePlan plan =
                    new CertificatePlan(
                            SerialNumbers.next(random),
                            CART,
                            List.of(),
                            LocalKey.generate(random).publicKey().getEncoded(),
                            clock.instant().minus(LintProfile.BACKDATE),
                            clock.instant().plus(Duration.ofMinutes(30)),
                            ring.active().certificate());
            return linter.lint(assembler.toBeSigned(plan), plan);
        }
    }

    /** No other process is known: fences alone hold a rotation up. */
    private static final class Alone implements Replicas {
        @Override
        public void confirm(long epoch) {}

        @Override
        public List<Replica> replicas() {
            return List.of();
        }

        @Override
        public void stopped() {}
    }

    private static final class Leaves implements IssuedLeaves {
        final Map<String, LiveLeaves> live = new ConcurrentHashMap<>();

        final Map<String, Instant> intermediates = new ConcurrentHashMap<>();

        @Override
        public void intermediate(String keyId, String rootKeyId, Instant notAfter) {
            intermediates.merge(rootKeyId, notAfter, (a, b) -> a.isAfter(b) ? a : b);
        }

        @Override
        public Map<String, LiveLeaves> live(Instant at) {
            Map<String, LiveLeaves> now = new ConcurrentHashMap<>(live);
            now.values().removeIf(leaf -> !leaf.lastNotAfter().isAfter(at));
            return now;
        }

        @Override
        public Optional<Instant> lastIntermediate(String rootKeyId) {
            return Optional.ofNullable(intermediates.get(rootKeyId));
        }
    }
}
