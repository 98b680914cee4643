package dev.countersign.agent.proxy.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.testing.MutableClock;
import dev.countersign.trust.VerifiedPeer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tap and the access log. */
final class TrafficTest {
    private final Optional<VerifiedPeer> web = Requests.peer("web");
    private final Tap tap = new Tap();
    private final MutableClock clock = MutableClock.create();
    private final Traffic traffic =
            new Traffic(new TrafficMetrics(10), Optional.empty(), tap, Optional.empty(), clock);

    @TempDir Path directory;

    @Test
    void aReaderSeesWhatPassesFromNowOnAndNothingElse() throws Exception {
        traffic.ended(Requests.allowed(web, "/before"));
        try (Tap.Reader reader = tap.open(TapFilter.ALL)) {
            traffic.ended(Requests.denied(web, "/orders"));

            assertThat(lines(reader))
                    .singleElement()
                    .asString()
                    .startsWith("{\"time\":\"" + clock.instant() + "\",\"kind\":\"request\"")
                    .contains("\"peer\":\"spiffe://mesh.test/ns/shop/sa/web\"")
                    .contains("\"path\":\"/orders\"")
                    .contains("\"status\":403")
                    .contains("\"decision\":\"denied\"")
                    .contains("\"reason\":\"NO_ALLOW_RULE_MATCHED\"")
                    .contains("\"denialId\":\"0123456789ABCDEF\"")
                    .contains("\"firstMicros\":1499,\"micros\":3000")
                    .endsWith("}");
        }
        assertThat(tap.readers()).isZero();
    }

    @Test
    void filtersByPeerPathDecisionPortAndDirection() throws Exception {
        assertThat(seen(Map.of("peer", "spiffe://mesh.test/ns/shop/*"))).isEqualTo(3);
        assertThat(seen(Map.of("peer", "spiffe://mesh.test/ns/shop/sa/guest"))).isZero();
        assertThat(seen(Map.of("path", "/orders/*"))).isEqualTo(2);
        assertThat(seen(Map.of("decision", "denied"))).isEqualTo(1);
        assertThat(seen(Map.of("decision", "audited", "port", "8080"))).isEqualTo(1);
        assertThat(seen(Map.of("port", "8081"))).isZero();
        assertThat(seen(Map.of("direction", "outbound"))).isZero();
    }

    @Test
    void aWrongFilterSaysWhatIsExpected() {
        assertThatThrownBy(() -> TapFilter.parse(Map.of("decision", "maybe")))
                .hasMessage("decision: maybe (expected: allowed | denied | audited)");
        assertThatThrownBy(() -> TapFilter.parse(Map.of("port", "70000")))
                .hasMessage("port: 70000 (expected: 0..65535)");
        assertThatThrownBy(() -> TapFilter.parse(Map.of("pear", "x")))
                .hasMessageStartingWith("pear: unknown");
    }

    @Test
    void aReaderWhoIsTooSlowLosesLinesAndIsToldHowMany() throws Exception {
        try (Tap.Reader slow = tap.open(TapFilter.ALL);
                Tap.Reader other = tap.open(TapFilter.parse(Map.of("path", "/last")))) {
            for (int i = 0; i < 1500; i++) {
                traffic.ended(Requests.allowed(web, "/"));
            }
            traffic.ended(Requests.allowed(web, "/last"));

            assertThat(lines(slow)).hasSize(1024);
            assertThat(slow.takeLost()).isEqualTo(1501 - 1024);
            assertThat(slow.takeLost()).isZero();
            assertThat(lines(other)).hasSize(1);
        }
    }

    @Test
    void onlySoManyMayLook() {
        for (int i = 0; i < Tap.MAX_READERS; i++) {
            tap.open(TapFilter.ALL);
        }
        assertThatThrownBy(() -> tap.open(TapFilter.ALL)).hasMessageContaining("at most 4");
    }

    @Test
    void theLogHasWhatWasDeniedAndAuditedAndASampleOfTheRest() throws Exception {
        Path file = directory.resolve("access.log");
        try (AccessLog log =
                AccessLog.open(new AccessLog.Settings(Optional.of(file), 0.25), new Random(1))) {
            Traffic logged =
                    new Traffic(
                            new TrafficMetrics(10), Optional.of(log), tap, Optional.empty(), clock);
            for (int i = 0; i < 1000; i++) {
                logged.ended(Requests.allowed(web, "/allowed"));
            }
            logged.ended(Requests.denied(web, "/denied"));
            logged.ended(Requests.audited(web, "/audited"));
        }

        List<String> lines = Files.readAllLines(file);
        assertThat(lines.stream().filter(line -> line.contains("/denied"))).hasSize(1);
        assertThat(lines.stream().filter(line -> line.contains("\"audit\":[\"shop/watch\"]")))
                .hasSize(1);
        assertThat(lines.size()).isBetween(150, 350);
    }

    @Test
    void theLogIsAppendedToAndNotForEverybody() throws Exception {
        Path file = directory.resolve("access.log");
        for (int i = 0; i < 2; i++) {
            try (AccessLog log =
                    AccessLog.open(new AccessLog.Settings(Optional.of(file), 1), new Random(1))) {
                log.over(new ObservedRequest(clock.instant(), Requests.allowed(web, "/")));
            }
        }
        assertThat(Files.readAllLines(file)).hasSize(2);
        assertThat(Files.getPosixFilePermissions(file)).hasSize(3);
    }

    @Test
    void whatCannotBeWrittenIsDroppedAndCounted() throws Exception {
        try (AccessLog log =
                AccessLog.open(
                        new AccessLog.Settings(Optional.of(Path.of("/dev/full")), 1),
                        new Random(1))) {
            log.over(new ObservedRequest(clock.instant(), Requests.allowed(web, "/")));
            org.awaitility.Awaitility.await().until(() -> log.dropped() == 1);
        }
    }

    private int seen(Map<String, String> filter) throws InterruptedException {
        try (Tap.Reader reader = tap.open(TapFilter.parse(filter))) {
            traffic.ended(Requests.allowed(web, "/orders/1"));
            traffic.ended(Requests.denied(web, "/orders/2"));
            traffic.ended(Requests.audited(web, "/stock"));
            return lines(reader).size();
        }
    }

    private static List<String> lines(Tap.Reader reader) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        for (String line = reader.next(0, TimeUnit.SECONDS);
                line != null;
                line = reader.next(0, TimeUnit.SECONDS)) {
            lines.add(line);
        }
        return lines;
    }
}
