package dev.countersign.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ObservedEdge;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.feed.DenyEntry;
import dev.countersign.identity.ServiceAccountName;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.ApiGroup;
import dev.countersign.server.attestation.LineageRecords.Lineage;
import dev.countersign.server.audit.AuditEvent;
import dev.countersign.server.audit.AuditLog.LogEntry;
import dev.countersign.server.audit.AuditTrail.KeyRule;
import dev.countersign.server.audit.AuditUnavailable;
import dev.countersign.server.audit.AuditVerifier;
import dev.countersign.server.audit.AuditVerifier.Progress;
import dev.countersign.server.audit.IssuanceIntent;
import dev.countersign.server.audit.IssuanceLedger;
import dev.countersign.server.audit.IssuanceLedger.Entry;
import dev.countersign.server.audit.IssuanceLedger.Outcome;
import dev.countersign.server.audit.KeyTaken;
import dev.countersign.server.audit.RecordsUnavailable;
import dev.countersign.server.authority.AuthorityJournal.State;
import dev.countersign.server.authority.IssuedLeaves;
import dev.countersign.server.authority.approval.ApprovalRecords;
import dev.countersign.server.authority.approval.ApprovalRecords.Asked;
import dev.countersign.server.authority.approval.SignedApproval;
import dev.countersign.server.authority.rotation.LiveLeaves;
import dev.countersign.server.authority.rotation.Replica;
import dev.countersign.server.authority.rotation.Verifier;
import dev.countersign.server.distribution.DenialRecords.Found;
import dev.countersign.server.distribution.DenialRow;
import dev.countersign.server.distribution.EdgeRecords;
import dev.countersign.server.distribution.EdgeRecords.Cause;
import dev.countersign.server.distribution.EdgeRecords.Loss;
import dev.countersign.server.distribution.EdgeRecords.Reported;
import dev.countersign.server.distribution.EnforcedAllow;
import dev.countersign.server.distribution.ExternalVerifier;
import dev.countersign.server.distribution.ExternalVerifierRecords;
import dev.countersign.server.distribution.VerifierRecords;
import dev.countersign.server.revocation.Revocation;
import dev.countersign.server.revocation.RevocationRecords;
import dev.countersign.server.revocation.RevocationRecords.Added;
import dev.countersign.testing.MutableClock;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every supported database must do. */
abstract class StoreContract {
    private static final SpiffeId WEB = SpiffeId.parse("spiffe://example.org/ns/shop/sa/web");

    private static final EdgeRecords.Reporter ORDERS_0 =
            new EdgeRecords.Reporter(
                    SpiffeId.parse("spiffe://example.org/ns/shop/sa/orders"),
                    "instance-1",
                    "orders-0",
                    Map.of("app", "orders", "pod-template-hash", "5d8c"));

    final Intents intents = new Intents(new SplittableRandom(7));
    final MutableClock now = new MutableClock(Intents.NOW);
    Database database;
    private final List<Store> opened = new ArrayList<>();

    /** An empty database. */
    abstract Database fresh() throws Exception;

    /** A statement that keeps intents out for as long as its transaction lasts. */
    abstract List<String> lockStatements();

    @BeforeEach
    void create() throws Exception {
        database = fresh();
    }

    @AfterEach
    void close() {
        opened.forEach(Store::close);
    }

    @Test
    void anIntentIsOnRecordWhenItsCallerGoesOn() throws Exception {
        Store store = open("one");
        IssuanceIntent intent = intents.next();

        long sequence = store.auditTrail().intend(intent);

        assertThat(store.ledger().bySerial(intent.issuerKeyId(), intent.serial()))
                .contains(new Entry(intent, Outcome.INTENDED, sequence));
        assertThat(store.ledger().identityOfKey(intent.publicKeyHash())).contains(WEB);
        assertThat(store.ledger().identityOfKey(intents.hex(32))).isEmpty();
    }

    @Test
    void enforcedAllowsAreReplacedAsAWholeAndOutliveTheProcess() throws Exception {
        EnforcedAllow web =
                new EnforcedAllow(
                        ApiGroup.COUNTERSIGN, "shop", "web", Map.of("app", "orders", "a", "b"));
        EnforcedAllow all = new EnforcedAllow(ApiGroup.ISTIO, "shop", "web", Map.of());
        Store store = open("one");
        assertThat(store.allows().enforced()).isEmpty();

        store.allows().enforce(List.of(web));
        store.allows().enforce(List.of(all, web));
        assertThat(store.allows().enforced()).containsExactlyInAnyOrder(web, all);
        store.allows().enforce(List.of(web));
        store.close();

        assertThat(open("two").allows().enforced()).containsExactly(web);
    }

    @Test
    void outcomesReachTheLedgerWithoutAnybodyWaiting() throws Exception {
        Store store = open("one");
        IssuanceIntent good = intents.next();
        IssuanceIntent bad = intents.next();
        store.auditTrail().intend(good);
        store.auditTrail().intend(bad);

        store.auditTrail().issued(good, intents.hex(32));
        store.auditTrail().failed(bad, "KEY_UNAVAILABLE");

        awaitOutcome(store.ledger(), good, Outcome.ISSUED);
        awaitOutcome(store.ledger(), bad, Outcome.FAILED);
        assertThat(store.ledger().issuedCount()).isEqualTo(1);
        assertThat(verify(store).problems()).isEmpty();
    }

    @Test
    void closingCommitsWhatIsQueued() throws Exception {
        Store store = open("one");
        IssuanceIntent intent = intents.next();
        store.auditTrail().intend(intent);
        store.auditTrail().issued(intent, intents.hex(32));
        store.auditTrail().offer(event(AuditEvent.Type.UNATTESTED_REFUSED));

        store.close();

        Store again = open("two");
        assertThat(outcome(again.ledger(), intent)).isEqualTo(Outcome.ISSUED);
        assertThat(again.auditLog().entries(Optional.empty(), Optional.empty(), 99, 10))
                .extracting(LogEntry::type)
                .contains("UNATTESTED_REFUSED");
    }

    @Test
    void aSerialIsNeverUsedTwice() throws Exception {
        Store store = open("one");
        IssuanceIntent first = intents.next();
        IssuanceIntent other = intents.next();
        IssuanceIntent copy =
                new IssuanceIntent(
                        first.issuerKeyId(),
                        first.serial(),
                        other.id(),
                        other.podName(),
                        other.podUid(),
                        other.nodeName(),
                        other.publicKeyHash(),
                        other.tbsHash(),
                        other.notBefore(),
                        other.notAfter(),
                        other.at(),
                        other.tokenFingerprint());
        store.auditTrail().intend(first);

        assertThatThrownBy(() -> store.auditTrail().intend(copy))
                .isInstanceOf(AuditUnavailable.class)
                .hasMessageContaining("serial: " + first.serial());
        assertThat(store.health().outage()).isEmpty();
        assertThat(verify(store).problems()).isEmpty();
    }

    @Test
    void aKeyBelongsToTheIdentityItWasFirstIntendedFor() throws Exception {
        Store store = open("one");
        String key = intents.hex(32);
        store.auditTrail().intend(intents.of(Intents.ISSUER, "web", key));

        store.auditTrail().intend(intents.of(Intents.ISSUER, "web", key));
        assertThatThrownBy(
                        () -> store.auditTrail().intend(intents.of(Intents.ISSUER, "guest", key)))
                .isInstanceOf(AuditUnavailable.class)
                .hasMessageContaining("bound to another identity");

        assertThat(store.ledger().identityOfKey(key)).contains(WEB);
    }

    @Test
    void aKeyThatMustBeNewIsRefusedToItsOwnHolderToo() throws Exception {
        Store store = open("one");
        String key = intents.hex(32);
        store.auditTrail().intend(intents.of(Intents.ISSUER, "web", key), KeyRule.NEW);

        IssuanceIntent again = intents.of(Intents.ISSUER, "web", key);
        assertThatThrownBy(() -> store.auditTrail().intend(again, KeyRule.NEW))
                .isInstanceOfSatisfying(
                        KeyTaken.class, taken -> assertThat(taken.holder()).isEqualTo(WEB));
        IssuanceIntent theft = intents.of(Intents.ISSUER, "guest", key);
        assertThatThrownBy(() -> store.auditTrail().intend(theft, KeyRule.OWN))
                .isInstanceOfSatisfying(
                        KeyTaken.class, taken -> assertThat(taken.holder()).isEqualTo(WEB));

        assertThat(store.ledger().bySerial(Intents.ISSUER, again.serial())).isEmpty();
        assertThat(store.ledger().bySerial(Intents.ISSUER, theft.serial())).isEmpty();
        assertThat(store.health().outage()).isEmpty();
        assertThat(verify(store).problems()).isEmpty();
    }

    @Test
    void callersThatComeTogetherShareCommitsAndEachWaitsForItsOwn() throws Exception {
        Store store = open("one");
        Set<Long> sequences = ConcurrentHashMap.newKeySet();
        String contested = intents.hex(32);
        store.auditTrail().intend(intents.of(Intents.ISSUER, "web", contested));
        List<IssuanceIntent> all = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            all.add(intents.next("b" + i % 2 + "00", "web"));
        }
        IssuanceIntent thief = intents.of("b000", "guest", contested);

        inParallel(
                all.stream()
                        .map(intent ->
                                (Callable<Object>)
                                        () -> {
                                            long n = store.auditTrail().intend(intent);
                                            store.auditTrail().issued(intent, "00");
                                            return sequences.add(n);
                                        })
                        .toList(),
                () -> {
                    assertThatThrownBy(() -> store.auditTrail().intend(thief))
                            .isInstanceOf(AuditUnavailable.class);
                    return null;
                });

        assertThat(sequences).hasSize(400);
        await().untilAsserted(() -> assertThat(store.ledger().issuedCount()).isEqualTo(400));
        StoreHealth health = store.health();
        assertThat(health.entries()).isEqualTo(801);
        assertThat(health.commits()).isLessThan(health.entries() / 2);
        assertThat(verify(store))
                .matches(Progress::intact)
                .extracting(Progress::checked)
                .isEqualTo(801L);
    }

    @Test
    void theLogIsReadNewestFirstByIdentityAndType() throws Exception {
        Store store = open("one");
        IssuanceIntent web = intents.next();
        long first = store.auditTrail().intend(web);
        store.auditTrail().intend(intents.next(Intents.ISSUER, "guest"));
        long last = store.auditTrail().append(event(AuditEvent.Type.ADMIN_CALL));

        List<LogEntry> all = store.auditLog().entries(none(), none(), Long.MAX_VALUE, 10);
        List<LogEntry> older = store.auditLog().entries(none(), none(), last, 1);
        List<LogEntry> intended =
                store.auditLog()
                        .entries(Optional.of(WEB.toString()), Optional.of("INTENT"), last, 10);

        assertThat(all)
                .extracting(LogEntry::sequence)
                .isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(all).extracting(LogEntry::sequence).contains(first, last);
        assertThat(older).hasSize(1).allMatch(entry -> entry.sequence() < last);
        assertThat(intended).singleElement().satisfies(entry -> isIntentOf(entry, web));
        assertThat(store.auditLog().entry(last).orElseThrow().body())
                .isEqualTo(
                        "{\"at\":\"2026-03-01T10:15:00.123Z\",\"facts\":{\"caller\":\"uid 0"
                                + " \\u00e9\\\"\"},\"identity\":\"operator\",\"type\":\"ADMIN_CALL\"}");
        assertThat(store.auditLog().entryCount()).isEqualTo(3);
    }

    @Test
    void certificatesAreListedByIdentityAndValidity() throws Exception {
        Store store = open("one");
        IssuanceIntent web = intents.next();
        store.auditTrail().intend(web);
        store.auditTrail().intend(intents.next(Intents.ISSUER, "guest"));
        IssuanceLedger ledger = store.ledger();

        assertThat(ledger.certificates(none(), none(), Long.MAX_VALUE, 10)).hasSize(2);
        assertThat(ledger.certificates(Optional.of(WEB), none(), Long.MAX_VALUE, 10))
                .extracting(Entry::intent)
                .containsExactly(web);
        assertThat(ledger.certificates(none(), Optional.of(web.notAfter()), Long.MAX_VALUE, 10))
                .isEmpty();
        assertThat(ledger.certificates(none(), Optional.of(Intents.NOW), Long.MAX_VALUE, 1))
                .hasSize(1);
    }

    @Test
    void aCertificateHasTheLineageOfItsIntent() throws Exception {
        Store store = open("one");
        IssuanceIntent good = intents.next();
        IssuanceIntent bad = intents.next();
        store.auditTrail().intend(good);
        store.auditTrail().intend(bad);
        store.auditTrail().failed(bad, "KEY_UNAVAILABLE");
        awaitOutcome(store.ledger(), bad, Outcome.FAILED);

        assertThat(store.lineages().lineage(good.issuerKeyId(), good.serial()))
                .contains(
                        new Lineage(
                                new ServiceAccountName("shop", "web"),
                                good.accountUid(),
                                "web-0",
                                good.podUid(),
                                Optional.of("node-1"),
                                Intents.NOW));
        assertThat(store.lineages().lineage(bad.issuerKeyId(), bad.serial())).isEmpty();
        assertThat(store.lineages().lineage(good.issuerKeyId(), "ff")).isEmpty();
    }

    @Test
    void denialsAreFoundByIdWithTheCountOfTheirEdge() throws Exception {
        Store store = open("one");
        DenialRow first = denial("7Q2FM4KX3B2T8WPC", "guest", 3, "no ALLOW policy matched");
        DenialRow second = denial("0AAAAAAAAAAAAAAA", "guest", 4, "\0 \ud800 " + "x".repeat(9000));
        DenialRow other = denial("0BBBBBBBBBBBBBBB", "batch", 5, "other edge");

        store.denials().record(List.of(first, second, other));
        store.denials().record(List.of(denial(first.id(), "batch", 99, "an id comes once")));
        store.denials()
                .record(
                        List.of(
                                denial(second.id(), "guest", 2, "a report that came late"),
                                denial(second.id(), "guest", 9, "a later total"),
                                denial(second.id(), "guest", 6, "a total between")));

        Found found = store.denials().byId(first.id()).orElseThrow();
        assertThat(found).isEqualTo(new Found(first, 3 + 9, Intents.NOW));
        assertThat(store.denials().byId(second.id()).orElseThrow().row().reason())
                .startsWith("\ufffd \ufffd x")
                .hasSize(2048);
        assertThat(store.denials().byId("nobody's")).isEmpty();
        now.set(Intents.NOW.plus(Duration.ofHours(24)));
        assertThat(store.denials().byId(first.id())).isEmpty();
        store.upkeep().clear();
        assertThat(database.number("SELECT COUNT(*) FROM denial")).isZero();
    }

    @Test
    void edgesAreCountedByDayUnderWhoReportedThem() throws Exception {
        Store store = open("one");
        ReportedEdge orders = edge("web", "/orders/{*}", 3);
        store.edges().record(ORDERS_0, report(1, 0, orders, edge("web", "/orders/{*}", 4)));
        store.edges().record(ORDERS_0, report(2, 0, edge("guest", "/admin", 1)));
        now.set(Intents.NOW.plus(Duration.ofDays(2)));
        store.edges().record(ORDERS_0, report(3, 0, orders));

        List<ObservedEdge> all = edges(store, everything(Intents.NOW));
        List<ObservedEdge> later = edges(store, everything(Intents.NOW.plus(Duration.ofDays(1))));

        assertThat(all)
                .extracting(ObservedEdge::source, ObservedEdge::pathTemplate, ObservedEdge::count)
                .containsExactlyInAnyOrder(
                        tuple("spiffe://example.org/ns/shop/sa/web", "/orders/{*}", 10L),
                        tuple("spiffe://example.org/ns/shop/sa/guest", "/admin", 1L));
        assertThat(all)
                .allMatch(edge -> edge.destination().equals(ORDERS_0.identity().toString()))
                .allMatch(edge -> edge.labels().equals(Map.of("app", "orders")));
        assertThat(later).as("last seen on another day, by the agent's clock").isEmpty();
    }

    @Test
    void whatAnAgentReportsComesBackAsItWas() throws Exception {
        Store store = open("one");
        ReportedEdge inbound =
                new ReportedEdge(
                        EdgeDirection.INBOUND,
                        "",
                        "10.0.0.7",
                        5432,
                        false,
                        "",
                        "",
                        new Ruling(false, "shop/no-plaintext", 2),
                        Optional.of(new Ruling(true, "", -1)),
                        EdgeTls.PLAINTEXT,
                        9,
                        Intents.NOW.minusSeconds(60),
                        Intents.NOW);
        ReportedEdge outbound =
                new ReportedEdge(
                        EdgeDirection.OUTBOUND,
                        "",
                        "10.0.0.8",
                        6379,
                        false,
                        "",
                        "",
                        new Ruling(true, "", -1),
                        Optional.empty(),
                        EdgeTls.PLAINTEXT,
                        1,
                        Intents.NOW,
                        Intents.NOW);

        store.edges().record(ORDERS_0, report(1, 0, inbound, outbound));

        String self = ORDERS_0.identity().toString();
        assertThat(edges(store, everything(Intents.NOW)))
                .containsExactlyInAnyOrder(
                        new ObservedEdge(
                                "",
                                "10.0.0.7",
                                self,
                                Map.of("app", "orders"),
                                EdgeDirection.INBOUND,
                                5432,
                                "tcp",
                                "",
                                "",
                                inbound.ruling(),
                                inbound.dryRun(),
                                EdgeTls.PLAINTEXT,
                                9,
                                inbound.firstSeen(),
                                inbound.lastSeen()),
                        new ObservedEdge(
                                self,
                                "",
                                "10.0.0.8",
                                Map.of(),
                                EdgeDirection.OUTBOUND,
                                6379,
                                "tcp",
                                "",
                                "",
                                outbound.ruling(),
                                Optional.empty(),
                                EdgeTls.PLAINTEXT,
                                1,
                                Intents.NOW,
                                Intents.NOW));
    }

    @Test
    void aReportSentTwiceCountsOnce() throws Exception {
        Store store = open("one");
        EdgeReport report = report(1, 5, edge("web", "/orders", 3));
        EdgeRecords.Reporter restarted =
                new EdgeRecords.Reporter(
                        ORDERS_0.identity(), "instance-2", "orders-0", ORDERS_0.labels());

        store.edges().record(ORDERS_0, report);
        store.edges().record(ORDERS_0, report);
        store.edges().record(restarted, report);

        assertThat(edges(store, everything(Intents.NOW)))
                .extracting(ObservedEdge::count)
                .as("another process of the same workload counts anew")
                .containsExactly(6L);
        assertThat(store.edges().losses(Intents.NOW))
                .containsExactly(
                        new Loss(
                                ORDERS_0.identity().toString(),
                                Cause.AGENT_TABLE,
                                10,
                                Intents.NOW));
    }

    @Test
    void edgesAreFoundByEndNamespaceVerdictAndTime() throws Exception {
        Store store = open("one");
        EdgeRecords.Reporter ledger =
                new EdgeRecords.Reporter(
                        SpiffeId.parse("spiffe://example.org/ns/bank/sa/ledger"),
                        "i",
                        "ledger-0",
                        Map.of());
        store.edges().record(ORDERS_0, report(1, 0, edge("web", "/a", 1), denied("guest", "/b")));
        store.edges().record(ledger, report(1, 0, edge("orders", "/c", 1)));

        assertThat(paths(store, "spiffe://example.org/ns/shop/sa/web", null, null, null))
                .containsExactly("/a");
        assertThat(paths(store, ORDERS_0.identity().toString(), null, null, null))
                .containsExactly("/c");
        assertThat(paths(store, null, ORDERS_0.identity().toString(), null, null))
                .containsExactlyInAnyOrder("/a", "/b");
        assertThat(paths(store, null, null, "bank", null)).containsExactly("/c");
        assertThat(paths(store, null, null, "shop", null)).hasSize(3);
        assertThat(paths(store, null, null, "sho_", null)).as("no pattern of SQL").isEmpty();
        assertThat(paths(store, null, null, null, false)).containsExactly("/b");
        assertThat(paths(store, null, null, null, true)).containsExactlyInAnyOrder("/a", "/c");
    }

    @Test
    void oneIdentityCannotFillTheTableOfEdges() throws Exception {
        Store store = open("one");
        StoredEdges narrow = store.edges(new EdgeWriter.Bounds(1000, 3, 2));
        narrow.record(ORDERS_0, report(1, 0, edge("web", "/a", 1), edge("web", "/b", 1)));

        narrow.record(
                ORDERS_0,
                report(2, 0, edge("web", "/c", 1), edge("web", "/d", 7), edge("web", "/a", 1)));
        for (int i = 0; i < 5; i++) {
            now.set(Intents.NOW.plusSeconds(i));
            narrow.record(
                    new EdgeRecords.Reporter(ORDERS_0.identity(), "again-" + i, "p", Map.of()),
                    report(1, 0));
        }

        Map<String, Long> counts = new HashMap<>();
        edges(store, everything(Intents.NOW))
                .forEach(edge -> counts.put(edge.pathTemplate(), edge.count()));
        assertThat(counts).containsExactlyInAnyOrderEntriesOf(Map.of("/a", 2L, "/b", 1L, "/c", 1L));
        assertThat(narrow.losses(Intents.NOW))
                .extracting(Loss::cause, Loss::count)
                .containsExactly(tuple(Cause.IDENTITY_BOUND, 7L));
        assertThat(narrow.reporters(Intents.NOW))
                .extracting(Reported::instance)
                .containsExactlyInAnyOrder("again-3", "again-4");
    }

    @Test
    void edgesBeyondTheBoundGoOldestFirstAndAreSaid() throws Exception {
        Store store = open("one");
        StoredEdges narrow = store.edges(new EdgeWriter.Bounds(2, 100, 10));
        for (int i = 0; i < 5; i++) {
            narrow.record(
                    ORDERS_0,
                    report(i + 1, 0, edge("web", "/" + i, 1, Intents.NOW.minusSeconds(50 - i))));
        }

        store.clear(narrow);

        assertThat(edges(store, everything(Intents.NOW.minusSeconds(100))))
                .extracting(ObservedEdge::pathTemplate)
                .containsExactlyInAnyOrder("/3", "/4");
        assertThat(narrow.losses(Intents.NOW))
                .containsExactly(new Loss("", Cause.STORE_BOUND, 3, Intents.NOW));
        assertThat(database.number("SELECT COUNT(*) FROM edge_day")).isEqualTo(2);
    }

    @Test
    void edgesAreKeptForAMonth() throws Exception {
        Store store = open("one");
        store.edges().record(ORDERS_0, report(1, 3, edge("web", "/orders", 1)));
        // An agent whose clock is wrong does not write into the future or the past.
        store.edges()
                .record(
                        ORDERS_0,
                        report(
                                2,
                                0,
                                edge("web", "/future", 1, Intents.NOW.plus(Duration.ofDays(900))),
                                edge("web", "/past", 1, Instant.EPOCH)));
        now.set(Intents.NOW.plus(Duration.ofDays(29)));
        store.upkeep().clear();
        assertThat(edges(store, everything(Intents.NOW)))
                .extracting(ObservedEdge::pathTemplate)
                .containsExactlyInAnyOrder("/orders", "/future");

        now.set(Intents.NOW.plus(Duration.ofDays(31)));
        store.upkeep().clear();

        for (String table : List.of("edge", "edge_day", "edge_reporter", "edge_loss")) {
            assertThat(database.number("SELECT COUNT(*) FROM " + table)).as(table).isZero();
        }
    }

    @Test
    void intentsOfAProcessThatIsGoneBecomeUnknown() throws Exception {
        Store first = open("one");
        List<IssuanceIntent> lost = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            lost.add(intents.next());
        }
        for (IssuanceIntent intent : lost) {
            first.auditTrail().intend(intent);
        }
        IssuanceIntent done = intents.next();
        first.auditTrail().intend(done);
        first.auditTrail().issued(done, "00");
        first.close();

        Store second = open("two");

        assertThat(lost).allMatch(intent -> outcome(second.ledger(), intent) == Outcome.UNKNOWN);
        assertThat(outcome(second.ledger(), done)).isEqualTo(Outcome.ISSUED);
        assertThat(
                        second.auditLog()
                                .entries(
                                        none(),
                                        Optional.of("INTENT_RECONCILED"),
                                        Long.MAX_VALUE,
                                        1000))
                .extracting(LogEntry::serial)
                .containsExactlyInAnyOrderElementsOf(
                        lost.stream().map(IssuanceIntent::serial).toList());
        assertThat(verify(second).problems()).isEmpty();
        second.close();
        assertThat(verify(open("three")).checked()).isEqualTo(602);
    }

    @Test
    void aStepIsUsedUpOnceAndItsApprovalsAreKept() throws Exception {
        ApprovalRecords records = open("one").approvals();
        Instant later = Intents.NOW.plusSeconds(60);
        Asked step =
                new Asked("d1".repeat(32), "c1".repeat(32), "text\n", Intents.NOW, later, false);
        SignedApproval approval =
                new SignedApproval(
                        step.digest(), "alice", Intents.NOW.plusSeconds(9), new byte[70]);
        records.ask(step);

        assertThat(records.add(approval, Intents.NOW)).isTrue();
        assertThat(records.add(approval, Intents.NOW)).isFalse();
        assertThat(records.add(approval, Intents.NOW.plusSeconds(9))).isTrue();
        assertThat(records.approvals(step.digest())).containsExactly(approval);
        assertThat(records.waiting(step.content(), Intents.NOW)).contains(step);
        assertThat(records.waiting(step.content(), later)).isEmpty();
        assertThat(records.waiting(Intents.NOW)).containsExactly(step);

        assertThat(records.use(step.digest(), Intents.NOW)).isTrue();
        assertThat(records.use(step.digest(), Intents.NOW)).isFalse();
        assertThat(records.waiting(step.content(), Intents.NOW)).isEmpty();
        assertThat(records.find(step.digest()).map(Asked::used)).contains(true);
    }

    @Test
    void theAuthorityMovesOnOnlyFromTheEpochItStoodAt() throws Exception {
        Store store = open("one");
        State first = state(1, "root-a");
        assertThat(store.authorityJournal().load()).isEmpty();

        assertThat(store.authorityJournal().replace(0, first)).isTrue();
        assertThat(store.authorityJournal().replace(0, state(1, "root-b"))).isFalse();
        List<Object> won =
                inParallel(
                        List.of(
                                () -> store.authorityJournal().replace(1, state(2, "root-c")),
                                () -> store.authorityJournal().replace(1, state(2, "root-d")),
                                () -> store.authorityJournal().replace(7, state(8, "root-e"))));

        assertThat(won).containsExactlyInAnyOrder(true, false, false);
        State now = store.authorityJournal().load().orElseThrow();
        assertThat(now.epoch()).isEqualTo(2);
        assertThat(now.roots()).hasSize(2).last().isEqualTo(new byte[] {4, 5});
        assertThat(now.signingRoot()).isIn("root-c", "root-d");
        assertThat(now.at()).isEqualTo(Intents.NOW);
    }

    @Test
    void whereARotationStandsIsKeptWithItsEpoch() throws Exception {
        Store store = open("one");
        State first = state(1, "root-a");
        store.authorityJournal().replace(0, first);
        assertThat(store.authorityJournal().load().orElseThrow().rotation()).isEmpty();

        String long500 = "state=Draining\n" + "past.0.subject=x\u00fc\n".repeat(500);
        assertThat(store.authorityJournal().replace(1, state(2, "root-a", long500))).isTrue();
        assertThat(store.authorityJournal().replace(1, state(2, "root-a", "other"))).isFalse();

        assertThat(store.authorityJournal().load().orElseThrow().rotation()).isEqualTo(long500);
    }

    @Test
    void aServerOfTheVersionBeforeLeavesARotationAsItIs() throws Exception {
        Store store = open("one");
        store.authorityJournal().replace(0, state(1, "root-a", "state=Active"));

        // Its statements: it knows nothing of the new column.
        database.sql(
                "UPDATE authority SET epoch = 2, at = 5 WHERE id = 1 AND epoch = 1",
                "INSERT INTO authority (epoch, roots, signing_root, bundle_key, bundle_payload,"
                        + " bundle_key_id, bundle_signature, at, id) SELECT epoch, roots, signing_root,"
                        + " bundle_key, bundle_payload, bundle_key_id, bundle_signature, at, 2 FROM"
                        + " authority WHERE id = 1");

        State now = store.authorityJournal().load().orElseThrow();
        assertThat(now.epoch()).isEqualTo(2);
        assertThat(now.rotation()).isEqualTo("state=Active");
        assertThat(database.number("SELECT COUNT(*) FROM authority WHERE rotation = ''")).isOne();
    }

    @Test
    void leavesThatLiveAreCountedByTheRootAboveThem() throws Exception {
        Store store = open("one");
        IssuedLeaves leaves = store.issuedLeaves();
        Instant end = Intents.NOW.plus(Duration.ofDays(1));
        leaves.intermediate("a000", "root-a", end);
        leaves.intermediate("a000", "root-x", end);
        leaves.intermediate("b000", "root-b", end);
        IssuanceIntent web = intents.next("a000", "web");
        IssuanceIntent failed = intents.next("a000", "web");
        IssuanceIntent guest = intents.next("b000", "guest");
        IssuanceIntent stranger = intents.next("c000", "web");
        for (IssuanceIntent intent : List.of(web, failed, guest, stranger)) {
            store.auditTrail().intend(intent);
        }
        store.auditTrail().issued(web, "00");
        store.auditTrail().failed(failed, "KEY_UNAVAILABLE");
        store.auditTrail().issued(guest, "00");
        awaitOutcome(store.ledger(), failed, Outcome.FAILED);

        Map<String, LiveLeaves> now = leaves.live(Intents.NOW);

        assertThat(now)
                .containsOnlyKeys("root-a", "root-b", IssuedLeaves.UNKNOWN_ROOT)
                .containsEntry("root-a", new LiveLeaves(1, web.notAfter(), web.id().toString()))
                .containsEntry(
                        "root-b", new LiveLeaves(1, guest.notAfter(), guest.id().toString()));
        assertThat(leaves.live(web.notAfter())).isEmpty();
        assertThat(leaves.live(web.notAfter().minusMillis(1))).hasSize(3);
    }

    @Test
    void certificateRowsGoWhenTheirTimeIsOverAndTheLogStays() throws Exception {
        Store store = open("one");
        IssuanceIntent old = intents.next();
        store.auditTrail().intend(old);
        store.auditTrail().issued(old, "00");
        awaitOutcome(store.ledger(), old, Outcome.ISSUED);

        store.upkeep().clear();
        assertThat(store.ledger().bySerial(old.issuerKeyId(), old.serial())).isPresent();
        now.set(old.notAfter().plus(Duration.ofDays(31)));
        store.upkeep().clear();

        assertThat(store.ledger().bySerial(old.issuerKeyId(), old.serial())).isEmpty();
        assertThat(store.ledger().identityOfKey(old.publicKeyHash())).contains(WEB);
        assertThat(store.auditLog().entryCount()).isEqualTo(2);
        assertThat(verify(store).problems()).isEmpty();
    }

    @Test
    void aLockedDatabaseStopsIntentsAndNothingElseIsNeededAfterwards() throws Exception {
        Store store = open("one");
        store.auditTrail().intend(intents.next());
        IssuanceIntent refused = intents.next();
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            for (String sql : lockStatements()) {
                statement.execute(sql);
            }
            assertThatThrownBy(() -> store.auditTrail().intend(refused))
                    .isInstanceOf(AuditUnavailable.class)
                    .hasMessageContaining("log cannot be written now");
            assertThat(store.health().outage()).isPresent();
            statement.execute("ROLLBACK");
        }

        awaitIntent(store);

        assertThat(store.health().outage()).isEmpty();
        assertThat(store.ledger().bySerial(refused.issuerKeyId(), refused.serial())).isEmpty();
        assertThat(verify(store).problems()).isEmpty();
    }

    @Test
    void aChangedLogDoesNotVerify() throws Exception {
        Store store = open("one");
        for (int i = 0; i < 5; i++) {
            IssuanceIntent intent = intents.next();
            store.auditTrail().intend(intent);
            store.auditTrail().issued(intent, "00");
        }
        store.auditTrail().append(event(AuditEvent.Type.SERVER_STARTED));
        store.close();
        Map<String, String> changes =
                Map.of(
                        "UPDATE log_entry SET body = REPLACE(body, 'shop', 'bank') WHERE sequence ="
                                + " 2",
                        "changed: hash",
                        "DELETE FROM log_entry WHERE sequence = 3",
                        "log rows",
                        "UPDATE log_entry SET sequence = CASE sequence WHEN 1 THEN -2 ELSE -1 END"
                                + " WHERE sequence IN (1, 2); UPDATE log_entry SET sequence ="
                                + " -sequence WHERE sequence < 0",
                        "changed: hash",
                        "DELETE FROM log_batch WHERE chain = 1 AND number = 2",
                        "batches are missing",
                        "DELETE FROM log_batch WHERE chain = 1 AND number ="
                                + " (SELECT MAX(number) FROM log_batch WHERE chain = 1)",
                        "ends with batch",
                        "DELETE FROM log_chain WHERE id = 1",
                        "a chain is missing",
                        "UPDATE log_chain SET name = 'other' WHERE id = 1",
                        "genesis differs",
                        "UPDATE certificate SET identity = 'spiffe://example.org/ns/shop/sa/root'"
                                + " WHERE sequence = 1",
                        "the table differs from the log",
                        "DELETE FROM certificate WHERE sequence = 1",
                        "missing from the table",
                        "INSERT INTO certificate (sequence, chain, serial, identity, not_after,"
                                + " outcome) SELECT 900, chain, identity_serial.serial,"
                                + " identity, not_after, outcome FROM certificate, (SELECT key_hash AS"
                                + " serial FROM key_binding LIMIT 1) AS identity_serial WHERE sequence"
                                + " = 1",
                        "certificates that the log does not know: 1");

        changes.forEach((change, finding) -> assertFinding(change, finding));
    }

    @Test
    void tablesOfANewerVersionAreRefused() throws Exception {
        open("one").close();
        database.sql(
                "INSERT INTO schema_history (installed_rank, version, description, type, script,"
                        + " checksum, installed_by, execution_time, success)"
                        + " VALUES (90, '99', 'later', 'SQL', 'V99__later.sql', 1, 'x', 1, TRUE)");

        assertThatThrownBy(() -> open("two"))
                .isInstanceOfSatisfying(
                        StoreRefused.class,
                        e -> assertThat(e.reason()).isEqualTo(StoreRefused.Reason.STORE_SCHEMA));
    }

    @Test
    void aCallerThatFindsTheQueueFullIsTurnedAwayAtOnce() throws Exception {
        WriterQueue queue = new WriterQueue(8, 2);
        queue.submit(Ticket.awaited(NewEntry.Intent.of(intents.next(), KeyRule.OWN)));
        queue.submit(Ticket.awaited(NewEntry.Intent.of(intents.next(), KeyRule.OWN)));

        assertThatThrownBy(() ->
                        queue.submit(
                                Ticket.awaited(NewEntry.Intent.of(intents.next(), KeyRule.OWN))))
                .isInstanceOf(AuditUnavailable.class)
                .hasMessage("log: 3 entries wait (expected: at most 2)");
    }

    @Test
    void verifiersAreKnownThatMayComeBackOrWereHeardOf() throws Exception {
        Store store = open("one");
        Instant since = now.instant();
        Instant before = since.minusSeconds(60);
        Instant after = since.plusSeconds(60);
        store.verifiers()
                .save(
                        List.of(
                                verifier("may-come-back", before, after),
                                verifier("heard-of", after, before),
                                verifier("gone", before, before)));

        assertThat(store.verifiers().all(since))
                .extracting(VerifierRecords.Row::pod)
                .containsExactlyInAnyOrder("may-come-back", "heard-of");
    }

    @Test
    void whoHoldsACertificateAndHasNoStreamIsSilentUntilItIsHeardOfSayingGoodbyeOrEnding()
            throws Exception {
        Store store = open("one");
        VerifierRecords verifiers = store.verifiers();
        IssuanceIntent heard = intents.next();
        IssuanceIntent left = intents.next();
        IssuanceIntent failed = intents.next();
        IssuanceIntent silent = intents.next();
        for (IssuanceIntent intent : List.of(heard, left, failed, silent)) {
            store.auditTrail().intend(intent);
        }
        store.auditTrail().failed(failed, "KEY_UNAVAILABLE");
        awaitOutcome(store.ledger(), failed, Outcome.FAILED);
        assertThat(verifiers.silent(now.instant()))
                .extracting(VerifierRecords.Row::pod)
                .containsExactlyInAnyOrder(heard.podUid(), left.podUid(), silent.podUid());

        verifiers.save(List.of(verifier(heard.podUid(), now.instant(), heard.notAfter())));
        verifiers.forget(
                List.of(new VerifierRecords.Key(left.podUid(), "1")), left.at().plusSeconds(1));

        assertThat(verifiers.silent(now.instant()))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row.pod()).isEqualTo(silent.podUid());
                    assertThat(row.verifier().name()).endsWith("/" + silent.podName());
                    assertThat(row.verifier().until()).isEqualTo(silent.notAfter());
                    assertThat(row.verifier().epoch()).isZero();
                });
        assertThat(verifiers.silent(silent.notAfter())).isEmpty();
    }

    @Test
    void whoComesBackAfterAGoodbyeIsSilentAgain() throws Exception {
        Store store = open("one");
        IssuanceIntent before = intents.next();
        store.auditTrail().intend(before);
        store.verifiers()
                .forget(List.of(new VerifierRecords.Key(before.podUid(), "1")), before.at());
        assertThat(store.verifiers().silent(now.instant())).isEmpty();

        store.auditTrail().intend(later(before, intents.next()));

        assertThat(store.verifiers().silent(now.instant()))
                .extracting(VerifierRecords.Row::pod)
                .containsExactly(before.podUid());
    }

    @Test
    void verifiersOutsideAndReplicasAreListed() throws Exception {
        Store store = open("one");
        Instant at = now.instant();
        ExternalVerifierRecords outside = store.externalVerifiers();
        outside.add(new ExternalVerifier("gateway", at, "alice", 0, Optional.empty(), ""), "abc");

        assertThat(outside.fetched("abc", 7, at)).isTrue();
        assertThat(outside.fetched("abd", 7, at)).isFalse();
        assertThat(outside.acknowledged("gateway", 8, at, "file")).isTrue();
        assertThat(outside.all()).extracting(ExternalVerifier::epoch).containsExactly(8L);
        store.replicas().confirm(7);
        assertThat(store.replicas().replicas()).extracting(Replica::epoch).containsExactly(7L);
        assertThat(outside.remove("gateway")).isTrue();
    }

    private static VerifierRecords.Row verifier(String pod, Instant seen, Instant until) {
        return new VerifierRecords.Row(
                pod,
                new Verifier(
                        "shop/" + pod,
                        "1",
                        "",
                        "shop",
                        Map.of(),
                        true,
                        seen,
                        until,
                        1,
                        "",
                        "",
                        "",
                        Optional.empty()));
    }

    @Test
    void aRevokedPodIsItsUnexpiredCertificatesIntentsWithoutOutcomeIncluded() throws Exception {
        Store store = open("one");
        IssuanceIntent issued = intents.next();
        IssuanceIntent open = sameWorkload(issued, intents.next(), issued.notAfter());
        IssuanceIntent failed = sameWorkload(issued, intents.next(), issued.notAfter());
        IssuanceIntent ended = sameWorkload(issued, intents.next(), Intents.NOW);
        IssuanceIntent another = intents.next();
        for (IssuanceIntent intent : List.of(issued, open, failed, ended, another)) {
            store.auditTrail().intend(intent);
        }
        store.auditTrail().issued(issued, intents.hex(32));
        store.auditTrail().failed(failed, "KEY_UNAVAILABLE");
        awaitOutcome(store.ledger(), failed, Outcome.FAILED);
        RevocationRecords records = store.revocations();
        long before = records.version();

        Added added =
                records.add(podRevocation("rv-1", issued), Optional.empty(), 10, now.instant());

        assertThat(added).isEqualTo(new Added.Done(2));
        assertThat(records.version()).isGreaterThan(before);
        assertThat(records.load().revocations()).containsExactly(podRevocation("rv-1", issued));
        assertThat(records.load().entries().get("rv-1"))
                .extracting(DenyEntry::target)
                .containsExactlyInAnyOrder(certificate(issued), certificate(open));
        assertThat(records.podUids("shop", "web-0", now.instant()))
                .contains(issued.podUid(), another.podUid());
        assertThat(records.isKnownPod(issued.podUid(), now.instant())).isTrue();
        assertThat(records.isKnownPod("nobody", now.instant())).isFalse();
    }

    @Test
    void whatAnotherServerIssuedToARevokedPodMeanwhileIsTakenIn() throws Exception {
        Store store = open("one");
        IssuanceIntent first = intents.next();
        store.auditTrail().intend(first);
        RevocationRecords records = store.revocations();
        Revocation revocation = podRevocation("rv-1", first);
        records.add(revocation, Optional.empty(), 10, now.instant());
        assertThat(records.expandAgain(List.of(revocation), now.instant())).isZero();

        IssuanceIntent late = sameWorkload(first, intents.next(), first.notAfter());
        store.auditTrail().intend(late);

        assertThat(records.expandAgain(List.of(revocation), now.instant())).isEqualTo(1);
        assertThat(records.load().entries().get("rv-1"))
                .extracting(DenyEntry::target)
                .contains(certificate(late));
    }

    @Test
    void aListOverItsLimitIsRefusedWholeAndNamesTheIntermediates() throws Exception {
        Store store = open("one");
        IssuanceIntent first = intents.next();
        store.auditTrail().intend(first);
        store.auditTrail().intend(sameWorkload(first, intents.next(), first.notAfter()));
        RevocationRecords records = store.revocations();

        Added added = records.add(podRevocation("rv-1", first), Optional.empty(), 1, now.instant());

        assertThat(added).isEqualTo(new Added.Full(2, Map.of(Intents.ISSUER, 2)));
        assertThat(records.load().revocations()).isEmpty();
        assertThat(records.load().entries()).isEmpty();
    }

    @Test
    void anIdentityDeniedForATimeTakesWhatWouldOutliveItAlong() throws Exception {
        Store store = open("one");
        IssuanceIntent longer = intents.next();
        IssuanceIntent shorter =
                sameWorkload(longer, intents.next(), now.instant().plus(Duration.ofMinutes(5)));
        store.auditTrail().intend(longer);
        store.auditTrail().intend(shorter);
        Instant until = now.instant().plus(Duration.ofMinutes(10));
        DenyEntry.Identity target = new DenyEntry.Identity(WEB);

        store.revocations()
                .add(
                        new Revocation(
                                "rv-1",
                                target,
                                "stolen",
                                "alice",
                                now.instant(),
                                Optional.of(until)),
                        Optional.of(new DenyEntry("rv-1", target, Optional.of(until), "stolen")),
                        10,
                        now.instant());

        assertThat(store.revocations().load().entries().get("rv-1"))
                .extracting(DenyEntry::target)
                .containsExactlyInAnyOrder(target, certificate(longer));
    }

    @Test
    void aSecondOrderTakesTheFirstOnesPlaceAndSurvivesARestart() throws Exception {
        Store store = open("one");
        IssuanceIntent intent = intents.next();
        store.auditTrail().intend(intent);
        store.revocations().add(podRevocation("rv-1", intent), Optional.empty(), 10, now.instant());
        store.revocations().add(podRevocation("rv-2", intent), Optional.empty(), 10, now.instant());
        store.close();

        RevocationRecords again = open("two").revocations();

        assertThat(again.load().revocations()).containsExactly(podRevocation("rv-2", intent));
        assertThat(again.load().entries()).containsOnlyKeys("rv-2");
        assertThat(again.bySerial(intent.serial(), now.instant()))
                .extracting(RevocationRecords.Certificate::podUid)
                .containsExactly(intent.podUid());
        assertThat(again.bySerial("1", now.instant())).isEmpty();
        assertThat(again.issuerSince(Intents.ISSUER)).isPresent();
        assertThat(again.issuerSince("beef")).isEmpty();
        assertThat(again.remove("rv-2")).isTrue();
        assertThat(again.remove("rv-2")).isFalse();
        assertThat(again.load().entries()).isEmpty();
    }

    @Test
    void entriesGoWhenWhatTheyDenyHasEndedAndSoDoesWhatWasNothingElse() throws Exception {
        Store store = open("one");
        IssuanceIntent intent = intents.next();
        store.auditTrail().intend(intent);
        RevocationRecords records = store.revocations();
        DenyEntry.Certificate target = certificate(intent);
        records.add(
                new Revocation("rv-1", target, "lost", "alice", now.instant(), Optional.empty()),
                Optional.of(new DenyEntry("rv-1", target, Optional.of(intent.notAfter()), "lost")),
                10,
                now.instant());
        records.add(podRevocation("rv-2", intent), Optional.empty(), 10, now.instant());
        assertThat(records.purge(now.instant())).isZero();

        assertThat(records.purge(intent.notAfter())).isEqualTo(3);

        // A pod stays blocked: it has a token yet.
        assertThat(records.load().revocations()).containsExactly(podRevocation("rv-2", intent));
        assertThat(records.load().entries()).isEmpty();
    }

    private Revocation podRevocation(String id, IssuanceIntent intent) {
        return new Revocation(
                id,
                new DenyEntry.Pod(intent.podUid()),
                "stolen",
                "alice",
                Intents.NOW.truncatedTo(ChronoUnit.MILLIS),
                Optional.empty());
    }

    private static DenyEntry.Certificate certificate(IssuanceIntent intent) {
        return new DenyEntry.Certificate(intent.issuerKeyId(), intent.serial());
    }

    /** The same workload's next certificate, a second later. */
    private static IssuanceIntent later(IssuanceIntent one, IssuanceIntent other) {
        return new IssuanceIntent(
                one.issuerKeyId(),
                other.serial(),
                one.id(),
                one.podName(),
                one.podUid(),
                one.nodeName(),
                other.publicKeyHash(),
                other.tbsHash(),
                one.notBefore(),
                one.notAfter(),
                one.at().plusSeconds(1),
                one.tokenFingerprint(),
                one.accountUid(),
                one.lastTokenAt());
    }

    /** The pod of the one, the key and serial of the other. */
    private static IssuanceIntent sameWorkload(
            IssuanceIntent one, IssuanceIntent other, Instant notAfter) {
        return new IssuanceIntent(
                one.issuerKeyId(),
                other.serial(),
                one.id(),
                one.podName(),
                one.podUid(),
                one.nodeName(),
                other.publicKeyHash(),
                other.tbsHash(),
                one.notBefore(),
                notAfter,
                one.at(),
                one.tokenFingerprint(),
                one.accountUid(),
                one.lastTokenAt());
    }

    final Store open(String process) throws StoreRefused {
        Store store = Store.open(database.config(), now, process);
        opened.add(store);
        return store;
    }

    final void awaitIntent(Store store) {
        await().ignoreExceptionsInstanceOf(AuditUnavailable.class)
                .until(() -> store.auditTrail().intend(intents.next()) > 0);
    }

    static Progress verify(Store store) {
        return store.auditVerifier().verify(store.certificatesKeptSince(), progress -> {});
    }

    static Outcome outcome(IssuanceLedger ledger, IssuanceIntent intent) {
        return ledger.bySerial(intent.issuerKeyId(), intent.serial()).orElseThrow().outcome();
    }

    static void awaitOutcome(IssuanceLedger ledger, IssuanceIntent intent, Outcome expected) {
        await().untilAsserted(() -> assertThat(outcome(ledger, intent)).isEqualTo(expected));
    }

    static AuditEvent event(AuditEvent.Type type) {
        return new AuditEvent(type, Intents.NOW, "operator", Map.of("caller", "uid 0 é\""));
    }

    private void assertFinding(String change, String finding) {
        try {
            try (Connection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                for (String sql : change.split(";", -1)) {
                    statement.execute(sql);
                }
                Progress verdict =
                        new AuditVerifier(new StoredLogRecords(on(connection)))
                                .verify(Intents.NOW, progress -> {});
                assertThat(verdict.intact()).as(change).isFalse();
                assertThat(String.join("\n", verdict.problems())).as(change).contains(finding);
                connection.rollback();
            }
        } catch (SQLException e) {
            throw new AssertionError(change, e);
        }
    }

    private static DenialRow denial(String id, String source, long count, String reason) {
        return new DenialRow(
                id,
                Intents.NOW,
                count,
                "spiffe://example.org/ns/shop/sa/" + source,
                "10.0.0.1",
                "shop",
                "orders",
                8080,
                "http",
                "GET",
                "orders",
                "/orders/42",
                7,
                reason,
                "shop/orders",
                -1,
                "explained",
                "orders-0");
    }

    private static EdgeReport report(long sequence, long overflowed, ReportedEdge... edges) {
        return new EdgeReport(sequence, overflowed, false, List.of(edges));
    }

    private static ReportedEdge edge(String source, String path, long count) {
        return edge(source, path, count, Intents.NOW);
    }

    private static ReportedEdge edge(String source, String path, long count, Instant seen) {
        return edge(source, path, count, seen, new Ruling(true, "shop/callers", 0));
    }

    private static ReportedEdge denied(String source, String path) {
        return edge(source, path, 1, Intents.NOW, new Ruling(false, "", -1));
    }

    private static ReportedEdge edge(
            String source, String path, long count, Instant seen, Ruling ruling) {
        return new ReportedEdge(
                EdgeDirection.INBOUND,
                "spiffe://example.org/ns/shop/sa/" + source,
                "",
                8080,
                true,
                "GET",
                path,
                ruling,
                Optional.empty(),
                EdgeTls.MTLS,
                count,
                seen,
                seen);
    }

    private static EdgeRecords.Query everything(Instant since) {
        return new EdgeRecords.Query(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                since);
    }

    private static List<String> paths(
            Store store,
            @Nullable String source,
            @Nullable String destination,
            @Nullable String namespace,
            @Nullable Boolean allowed) {
        return edges(
                        store,
                        new EdgeRecords.Query(
                                Optional.ofNullable(source),
                                Optional.ofNullable(destination),
                                Optional.ofNullable(namespace),
                                Optional.ofNullable(allowed),
                                Optional.of(false),
                                Intents.NOW))
                .stream()
                .map(ObservedEdge::pathTemplate)
                .toList();
    }

    private static List<ObservedEdge> edges(Store store, EdgeRecords.Query query) {
        List<ObservedEdge> edges = new ArrayList<>();
        store.edges().find(query, edges::add);
        return edges;
    }

    private static Reads on(Connection connection) {
        return new Reads() {
            @Override
            public <T> T read(SqlFunction<Connection, T> query) {
                try {
                    return query.apply(connection);
                } catch (SQLException e) {
                    throw new RecordsUnavailable("cannot be read", e);
                }
            }
        };
    }

    private static void isIntentOf(LogEntry entry, IssuanceIntent intent) {
        assertThat(entry.chain()).isEqualTo(intent.issuerKeyId());
        assertThat(entry.serial()).isEqualTo(intent.serial());
        assertThat(entry.podUid()).isEqualTo(intent.podUid());
        assertThat(entry.at()).isEqualTo(intent.at());
        assertThat(entry.batchHash()).hasSize(64);
    }

    private static State state(long epoch, String root) {
        return state(epoch, root, "");
    }

    private static State state(long epoch, String root, String rotation) {
        return new State(
                epoch,
                List.of(new byte[] {1, 2, 3}, new byte[] {4, 5}),
                root,
                "bundle-key",
                new byte[] {6},
                "key-id",
                new byte[] {7},
                Intents.NOW,
                rotation);
    }

    @SafeVarargs
    private static List<Object> inParallel(
            List<? extends Callable<?>> tasks, Callable<Object>... more) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (Callable<?> task : tasks) {
                running.add(threads.submit(task));
            }
            for (Callable<Object> task : more) {
                running.add(threads.submit(task));
            }
            List<Object> results = new ArrayList<>();
            for (Future<?> future : running) {
                results.add(future.get());
            }
            return results;
        }
    }

    private static <T> Optional<T> none() {
        return Optional.empty();
    }
}
