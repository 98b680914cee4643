package dev.countersign.agent.authorization;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.agent.authorization.DecisionLog.Refusal;
import dev.countersign.agent.edges.EdgeTable;
import dev.countersign.agent.subscription.Denial;
import dev.countersign.agent.subscription.DenialOutbox;
import dev.countersign.agent.subscription.Outboxes;
import dev.countersign.policy.Decision;
import dev.countersign.policy.Decision.Reason;
import dev.countersign.policy.Request;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.testing.MutableClock;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DecisionLogTest {
    private static final Decision DENIED =
            new Decision(false, null, null, null, -1, 7, Reason.NO_ALLOW_RULE_MATCHED);

    private final MutableClock clock = MutableClock.create();
    private final DenialOutbox outbox = new DenialOutbox();
    private final DecisionLog log =
            new DecisionLog(outbox, new EdgeTable(clock), new SecureRandom(), clock);
    private final AtomicInteger explained = new AtomicInteger();

    @Test
    void denialsOnOneEdgeInOneSecondShareAnIdAndAreReportedTwiceFirstAndRepeats() {
        String first = deny("10.0.0.1", "/orders");
        List<Denial> atOnce = Outboxes.drain(outbox);
        String second = deny("10.0.0.1", "/orders");
        String third = deny("10.0.0.1", "/orders");
        clock.advance(Duration.ofSeconds(1));
        log.tick();
        List<Denial> later = Outboxes.drain(outbox);

        assertThat(second).isEqualTo(first);
        assertThat(third).isEqualTo(first);
        assertThat(atOnce).extracting(Denial::id).containsExactly(first);
        assertThat(atOnce).extracting(Denial::count).containsExactly(1L);
        assertThat(later).extracting(Denial::id).containsExactly(first);
        assertThat(later).extracting(Denial::count).as("the total").containsExactly(3L);
        assertThat(explained).as("rendered once").hasValue(1);
    }

    @Test
    void anotherSecondOrAnotherEdgeHasAnotherId() {
        String first = deny("10.0.0.1", "/orders");
        String otherPath = deny("10.0.0.1", "/admin");
        String otherCaller = deny("10.0.0.2", "/orders");
        clock.advance(Duration.ofSeconds(1));
        String later = deny("10.0.0.1", "/orders");

        assertThat(Set.of(first, otherPath, otherCaller, later)).hasSize(4);
    }

    @Test
    void aSingleDenialIsReportedOnce() {
        deny("10.0.0.1", "/orders");
        clock.advance(Duration.ofSeconds(1));
        log.tick();
        log.tick();

        assertThat(Outboxes.drain(outbox)).hasSize(1);
        assertThat(log.counts().denied()).isEqualTo(1);
    }

    @Test
    void everyIdGivenOutIsReportedHoweverManyPathsAndCallersThereAre() {
        Set<String> told = new HashSet<>();
        for (int caller = 0; caller < 500; caller++) {
            for (int path = 0; path < 20; path++) {
                told.add(deny("10.0." + caller / 250 + "." + caller % 250, "/" + path));
            }
        }

        Set<String> reported = new HashSet<>();
        Outboxes.drain(outbox).forEach(denial -> reported.add(denial.id()));
        assertThat(reported).isEqualTo(told);
        assertThat(told).hasSizeLessThanOrEqualTo(DenialWindow.EDGES + DenialWindow.CALLERS + 1);
    }

    @Test
    void aSharedIdSaysThatItIsShared() {
        for (int path = 0; path < DenialWindow.EDGES; path++) {
            deny("10.0.0.1", "/" + path);
        }
        Outboxes.drain(outbox);

        String overflow = deny("10.0.0.1", "/one-more");
        String next = deny("10.0.0.1", "/and-another");

        assertThat(next).isEqualTo(overflow);
        assertThat(Outboxes.drain(outbox).getFirst().explanation()).startsWith("Too many");
    }

    @Test
    void nothingIsLostOrCountedTwiceWhenTheClockIsSetBack() {
        deny("10.0.0.1", "/orders");
        deny("10.0.0.1", "/orders");
        clock.advance(Duration.ofMinutes(-5));
        deny("10.0.0.1", "/orders");
        clock.advance(Duration.ofMinutes(5));
        log.tick();

        Map<String, Long> totals = new HashMap<>();
        Outboxes.drain(outbox).forEach(one -> totals.merge(one.id(), one.count(), Math::max));
        assertThat(totals.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(3);
    }

    @Test
    void hostileLengthsAreCut() {
        log.denied(
                new Refusal(
                        Optional.empty(),
                        Request.http()
                                .port(8080)
                                .method("M".repeat(1000))
                                .host("h".repeat(10_000))
                                .path("/" + "p".repeat(60_000))
                                .build(),
                        DENIED,
                        null,
                        Optional.empty(),
                        () -> "e".repeat(100_000)));

        Denial denial = Outboxes.drain(outbox).getFirst();
        assertThat(denial.method()).hasSize(32);
        assertThat(denial.host()).hasSize(300);
        assertThat(denial.path()).hasSize(2048);
        assertThat(denial.explanation()).hasSizeLessThanOrEqualTo(8192);
    }

    @Test
    void everyDecisionIsCountedUnderItsEdge() {
        Decision allowed =
                new Decision(true, null, "shop", "callers", 0, 7, Reason.ALLOW_RULE_MATCHED);
        Request request = Request.http().port(8080).method("GET").path("/orders/1").build();

        log.allowed(Optional.empty(), request, allowed, null);
        log.allowed(Optional.empty(), request, allowed, DENIED);
        log.allowed(Optional.empty(), request, allowed, DENIED);
        deny("10.0.0.1", "/orders/1");

        assertThat(log.counts()).isEqualTo(new DecisionLog.Counts(3, 1, 3, 0));
    }

    private String deny(String address, String path) {
        return log.denied(
                new Refusal(
                        Optional.empty(),
                        Request.http()
                                .port(8080)
                                .sourceIp(IpAddress.parse(address))
                                .method("GET")
                                .host("orders")
                                .path(path)
                                .build(),
                        DENIED,
                        null,
                        Optional.empty(),
                        () -> "because " + explained.incrementAndGet()));
    }
}
