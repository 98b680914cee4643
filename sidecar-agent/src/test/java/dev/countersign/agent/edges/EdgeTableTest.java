package dev.countersign.agent.edges;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.management.ThreadMXBean;
import dev.countersign.edges.EdgeDirection;
import dev.countersign.edges.EdgeReport;
import dev.countersign.edges.EdgeTls;
import dev.countersign.edges.ReportedEdge;
import dev.countersign.edges.Ruling;
import dev.countersign.identity.SpiffeId;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Decision.Reason;
import dev.countersign.policy.Request;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.testing.MutableClock;
import dev.countersign.testing.TestAuthority;
import dev.countersign.trust.SvidVerifier;
import dev.countersign.trust.TrustBundles;
import dev.countersign.trust.TrustRefused;
import dev.countersign.trust.VerifiedPeer;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class EdgeTableTest {
    private static final Decision ALLOWED =
            new Decision(true, null, "shop", "callers", 0, 7, Reason.ALLOW_RULE_MATCHED);
    private static final Decision DENIED =
            new Decision(false, null, null, null, -1, 7, Reason.NO_ALLOW_RULE_MATCHED);

    private final MutableClock clock = MutableClock.create();
    private final TestAuthority authority = TestAuthority.create("example.org", clock, 1);
    private final Optional<VerifiedPeer> web = peer("/ns/shop/sa/web");
    private final Optional<VerifiedPeer> guest = peer("/ns/shop/sa/guest");
    private final EdgeTable table = new EdgeTable(clock);

    @Test
    void firstSightIsReportedAtOnceAndRepeatsOnceAMinute() {
        drain();
        table.seen(web, get("/orders/42"), ALLOWED, null);
        List<ReportedEdge> first = drain();
        table.seen(web, get("/orders/43"), ALLOWED, null);
        table.seen(web, get("/orders/44"), ALLOWED, null);
        clock.advance(Duration.ofSeconds(59));
        table.tick();
        assertThat(drain()).isEmpty();
        table.seen(web, get("/orders/45"), ALLOWED, null);
        clock.advance(Duration.ofSeconds(1));

        List<ReportedEdge> repeats = drain();

        assertThat(first).extracting(ReportedEdge::path).containsExactly("/orders/{*}");
        assertThat(first).extracting(ReportedEdge::count).containsExactly(1L);
        assertThat(first).extracting(ReportedEdge::tls).containsExactly(EdgeTls.MTLS);
        assertThat(first)
                .extracting(ReportedEdge::ruling)
                .containsExactly(new Ruling(true, "shop/callers", 0));
        assertThat(repeats).extracting(ReportedEdge::count).containsExactly(3L);
        assertThat(repeats.getFirst().lastSeen())
                .isEqualTo(MutableClock.START.plus(Duration.ofSeconds(59)));
    }

    @Test
    void aReportIsGivenOutUntilItIsAcknowledgedAndCountsOnce() {
        drain();
        table.seen(web, get("/orders"), ALLOWED, null);
        EdgeReport sent = table.next().orElseThrow();
        table.seen(web, get("/orders"), ALLOWED, null);
        table.seen(guest, get("/orders"), DENIED, null);

        assertThat(table.next()).as("sent again, unchanged").contains(sent);
        table.acknowledged(sent.sequence() - 1);
        assertThat(table.next()).as("another's receipt").contains(sent);
        table.acknowledged(sent.sequence());

        List<ReportedEdge> rest = drain();
        assertThat(rest).extracting(ReportedEdge::peer).containsExactly(id("guest"));
        clock.advance(EdgeQueue.FLUSH);
        assertThat(drain()).extracting(ReportedEdge::count).containsExactly(1L);
        clock.advance(EdgeQueue.FLUSH);
        EdgeReport quiet = table.next().orElseThrow();
        assertThat(quiet.edges()).as("still there, nothing new").isEmpty();
    }

    @Test
    void whomTheApplicationCallsIsReportedAsItsSourceAndKeptApartFromWhoCalls() {
        drain();
        SpiffeId peer = web.orElseThrow().id();
        table.called(peer, get("/carts/7"));
        table.called(peer, get("/carts/8"));
        table.called(peer, Request.tcp().port(5432).build());
        table.seen(web, get("/carts/7"), ALLOWED, null);

        List<ReportedEdge> edges = drain();

        assertThat(edges)
                .extracting(
                        ReportedEdge::direction,
                        ReportedEdge::peer,
                        ReportedEdge::port,
                        ReportedEdge::path,
                        ReportedEdge::count)
                .containsExactlyInAnyOrder(
                        tuple(EdgeDirection.OUTBOUND, id("web"), 8080, "/carts/{*}", 2L),
                        tuple(EdgeDirection.OUTBOUND, id("web"), 5432, "", 1L),
                        tuple(EdgeDirection.INBOUND, id("web"), 8080, "/carts/{*}", 1L));
        assertThat(edges)
                .filteredOn(edge -> edge.direction() == EdgeDirection.OUTBOUND)
                .extracting(ReportedEdge::ruling)
                .containsOnly(new Ruling(true, "", -1));
    }

    @Test
    void aProgramThatCallsEverybodyLeavesRoomForWhoIsLetIn() {
        SpiffeId peer = web.orElseThrow().id();
        for (int port = 1; port <= EdgeBounds.OUTBOUND + 5; port++) {
            table.called(peer, Request.tcp().port(port).build());
        }
        table.seen(web, get("/orders"), ALLOWED, null);

        assertThat(table.size()).isEqualTo(EdgeBounds.OUTBOUND + 1);
        assertThat(table.overflow()).isEqualTo(5);
    }

    @Test
    void edgesDifferInWhoAskedWhatAndWhatWasDecided() {
        table.seen(web, get("/orders"), ALLOWED, null);
        table.seen(guest, get("/orders"), DENIED, null);
        table.seen(guest, get("/orders"), DENIED, ALLOWED);
        table.seen(web, get("/orders"), byRule(1), null);
        table.seen(web, request("POST", "/orders").build(), ALLOWED, null);
        table.seen(
                web,
                Request.http().port(9090).method("GET").path("/orders").build(),
                ALLOWED,
                null);
        table.seen(web, Request.tcp().port(8080).build(), ALLOWED, null);
        table.seen(Optional.empty(), from("10.0.0.1"), ALLOWED, null);
        table.seen(Optional.empty(), from("10.0.0.2"), ALLOWED, null);
        // The same again, under another revision.
        table.seen(
                web,
                get("/orders"),
                new Decision(true, null, "shop", "callers", 0, 8, Reason.ALLOW_RULE_MATCHED),
                null);

        List<ReportedEdge> edges = drain();

        assertThat(edges).hasSize(9);
        assertThat(edges).extracting(ReportedEdge::count).contains(2L);
        assertThat(edges)
                .filteredOn(edge -> edge.tls() == EdgeTls.PLAINTEXT)
                .extracting(ReportedEdge::peerAddress)
                .containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(edges)
                .filteredOn(edge -> edge.dryRun().isPresent())
                .extracting(edge -> edge.dryRun().orElseThrow().policy())
                .containsExactly("shop/callers");
    }

    @Test
    void aHundredThousandPathsAndMethodsAndAddressesTakeBoundedRoomAndAreAllCounted() {
        for (int i = 0; i < 100_000; i++) {
            table.seen(guest, get("/" + word(i) + "/" + word(i / 7)), DENIED, null);
            table.seen(guest, request("M" + i, "/x").build(), DENIED, null);
            table.seen(
                    Optional.empty(),
                    from("10." + i / 65536 + "." + (i / 256) % 256 + "." + i % 256),
                    DENIED,
                    null);
        }
        table.seen(web, get("/new/path"), ALLOWED, null);

        List<ReportedEdge> edges = drain();

        assertThat(edges).hasSizeLessThan(1000);
        assertThat(edges.stream().mapToLong(ReportedEdge::count).sum()).isEqualTo(300_001);
        assertThat(table.overflow()).isZero();
        assertThat(edges)
                .extracting(ReportedEdge::path)
                .as("what is denied does not make what is allowed coarser")
                .contains("/new/path", "/{**}");
        assertThat(edges).extracting(ReportedEdge::method).contains(ReportedEdge.ANY);
        assertThat(edges).extracting(ReportedEdge::peerAddress).contains(ReportedEdge.ANY);
    }

    @Test
    void beyondSixtyFourTemplatesAnEdgeTellsTheFirstSegmentAndThenNothing() {
        for (int i = 0; i < 64; i++) {
            table.seen(web, get("/a/" + word(i)), ALLOWED, null);
        }
        for (int i = 0; i < 20; i++) {
            table.seen(web, get("/" + word(i) + "/one"), ALLOWED, null);
            table.seen(web, get("/" + word(i) + "/two"), ALLOWED, null);
        }
        table.seen(web, get("/a/" + word(3)), ALLOWED, null);

        Map<String, Long> counts = new HashMap<>();
        drain().forEach(edge -> counts.merge(edge.path(), edge.count(), Long::sum));

        assertThat(counts).hasSize(64 + 16 + 1);
        assertThat(counts).containsEntry("/a/" + word(3), 2L);
        assertThat(counts).containsEntry("/" + word(0) + "/{**}", 2L);
        assertThat(counts).containsEntry("/{**}", 8L);
    }

    @Test
    void whatHasNoRoomIsCountedAndSaid() {
        drain();
        for (int i = 0; i < EdgeBounds.ENTRIES + 10; i++) {
            table.seen(web, get("/orders"), byRule(i), null);
            table.seen(web, get("/orders"), byRule(i), null);
        }

        List<EdgeReport> reports = reports();

        assertThat(table.size()).isEqualTo(EdgeBounds.ENTRIES);
        assertThat(table.overflow()).isEqualTo(20);
        assertThat(reports.stream().mapToLong(EdgeReport::overflowed).sum()).isEqualTo(20);
        assertThat(reports).allMatch(report -> report.edges().size() <= EdgeReport.MAX_EDGES);
        assertThat(reports.stream().mapToInt(report -> report.edges().size()).sum())
                .isEqualTo(EdgeBounds.ENTRIES);
        clock.advance(EdgeQueue.FLUSH);
        assertThat(reports().stream().mapToLong(EdgeReport::overflowed).sum()).isZero();
    }

    @Test
    void idleEdgesMakeRoomOnceTheServerKnowsThem() {
        for (int i = 0; i < EdgeBounds.ENTRIES; i++) {
            table.seen(web, get("/orders"), byRule(i), null);
        }
        clock.advance(EdgeTable.IDLE.plusSeconds(1));
        table.tick();
        assertThat(table.size()).as("nothing goes unsaid").isEqualTo(EdgeBounds.ENTRIES);
        long said = drain().size();
        table.seen(web, get("/orders"), byRule(0), null);
        table.tick();

        assertThat(said).isEqualTo(EdgeBounds.ENTRIES);
        assertThat(table.size()).as("the one just seen stays").isEqualTo(1);
        table.seen(web, get("/orders"), byRule(-1), null);
        assertThat(table.size()).isEqualTo(2);
        assertThat(table.overflow()).isZero();
    }

    @Test
    void nothingIsLostWhenManyThreadsSeeTheSameEdges() throws Exception {
        int threads = 4;
        int rounds = 20_000;
        CountDownLatch together = new CountDownLatch(threads);
        long heard;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> work = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                work.add(
                        pool.submit(() -> {
                            together.countDown();
                            together.await();
                            for (int i = 0; i < rounds; i++) {
                                table.seen(web, get("/w" + word(i % 50)), byRule(i % 40), null);
                            }
                            return null;
                        }));
            }
            heard = count(drain());
            for (Future<?> one : work) {
                one.get();
            }
        }
        clock.advance(EdgeQueue.FLUSH);
        heard += count(drain());

        assertThat(heard).isEqualTo((long) threads * rounds);
        assertThat(table.size()).isEqualTo(200);
    }

    @Test
    void anEdgeThatIsKnownCostsNoGarbage() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Request known = get("/orders/42/items/3b241101-e2bb-4255-8caf-4136c566a962");
        Request coarse = get("/elsewhere/x");
        for (int i = 0; i < 200; i++) {
            table.seen(web, get("/" + word(i) + "/x"), ALLOWED, null);
        }
        for (int i = 0; i < 50_000; i++) {
            table.seen(web, known, ALLOWED, DENIED);
            table.seen(web, coarse, ALLOWED, null);
        }
        int rounds = 100_000;

        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < rounds; i++) {
            table.seen(web, known, ALLOWED, DENIED);
            table.seen(web, coarse, ALLOWED, null);
        }
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(bytes / (2.0 * rounds)).as("B/op").isLessThan(1.0);
    }

    @Test
    void lastWordsSayEverythingThatIsLeft() {
        drain();
        table.seen(web, get("/orders"), ALLOWED, null);
        EdgeReport underWay = table.next().orElseThrow();
        for (int i = 0; i < 700; i++) {
            table.seen(web, get("/orders"), byRule(i), null);
        }

        List<EdgeReport> words = table.lastWords();

        assertThat(words.getFirst()).isEqualTo(underWay);
        assertThat(words).extracting(EdgeReport::last).containsExactly(false, false, true);
        List<ReportedEdge> said = words.stream().flatMap(word -> word.edges().stream()).toList();
        assertThat(count(said)).isEqualTo(701);
    }

    /** Every report there is to send now, each acknowledged. */
    private List<EdgeReport> reports() {
        List<EdgeReport> reports = new ArrayList<>();
        for (Optional<EdgeReport> next = table.next(); next.isPresent(); next = table.next()) {
            reports.add(next.get());
            table.acknowledged(next.get().sequence());
        }
        return reports;
    }

    private List<ReportedEdge> drain() {
        return reports().stream().flatMap(report -> report.edges().stream()).toList();
    }

    private static long count(List<ReportedEdge> edges) {
        return edges.stream().mapToLong(ReportedEdge::count).sum();
    }

    private static Decision byRule(int rule) {
        return new Decision(true, null, "shop", "callers", rule, 7, Reason.ALLOW_RULE_MATCHED);
    }

    private static Request get(String path) {
        return request("GET", path).build();
    }

    private static Request from(String address) {
        return request("GET", "/").sourceIp(IpAddress.parse(address)).build();
    }

    private static Request.Builder request(String method, String path) {
        return Request.http().port(8080).method(method).path(path);
    }

    /** Letters only, so that no template takes it for an identifier. */
    private static String word(int number) {
        StringBuilder word = new StringBuilder("w");
        for (int rest = number; rest > 0; rest /= 20) {
            word.append((char) ('g' + rest % 20));
        }
        return word.toString();
    }

    private static String id(String account) {
        return "spiffe://example.org/ns/shop/sa/" + account;
    }

    private Optional<VerifiedPeer> peer(String path) {
        try {
            return Optional.of(
                    new SvidVerifier(TrustBundles.fixed(authority.bundle()), clock)
                            .verify(authority.leaf(path).build().chain()));
        } catch (TrustRefused e) {
            throw new IllegalStateException(e);
        }
    }
}
