package dev.countersign.agent.redirect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.countersign.policy.match.IpBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rules as data: what is left alone, what is redirected, in which order. */
final class RuleSetTest {
    private static final RedirectSettings PLAIN = RedirectSettings.of(1337);

    @Test
    void everythingIsRedirectedButTheAgentLoopbackAndNameServers() {
        RuleSet rules = RuleSet.of(PLAIN, IpFamily.V4);

        assertThat(rules.inbound())
                .containsExactly(
                        "-A COUNTERSIGN_INBOUND -p tcp -m multiport --dports 15020 -j RETURN",
                        "-A COUNTERSIGN_INBOUND -p tcp -j REDIRECT --to-ports 15006");
        assertThat(rules.outbound())
                .containsExactly(
                        "-A COUNTERSIGN_OUTBOUND -o lo -j RETURN",
                        "-A COUNTERSIGN_OUTBOUND -m owner --uid-owner 1337 -j RETURN",
                        "-A COUNTERSIGN_OUTBOUND -p tcp -m tcp --dport 53 -j RETURN",
                        "-A COUNTERSIGN_OUTBOUND -p tcp -j REDIRECT --to-ports 15001");
    }

    @Test
    void bothFamiliesHaveTheSameRulesButForNetworks() {
        RedirectSettings settings =
                new RedirectSettings(
                        15006,
                        15001,
                        1337,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(
                                block("10.1.2.3/8"),
                                block("2001:DB8::1"),
                                block("fd00:0:0:1::/64")),
                        List.of(0L));

        assertThat(RuleSet.of(settings, IpFamily.V4).outbound())
                .contains("-A COUNTERSIGN_OUTBOUND -d 10.0.0.0/8 -j RETURN")
                .contains("-A COUNTERSIGN_OUTBOUND -m owner --uid-owner 0 -j RETURN")
                .noneMatch(rule -> rule.contains("db8") || rule.contains("fd00"));
        assertThat(RuleSet.of(settings, IpFamily.V6).outbound())
                .contains("-A COUNTERSIGN_OUTBOUND -d 2001:db8::1/128 -j RETURN")
                .contains("-A COUNTERSIGN_OUTBOUND -d fd00:0:0:1::/64 -j RETURN")
                .noneMatch(rule -> rule.contains("10.0.0.0"));
    }

    @Test
    void aRuleNamesFifteenPortsAtMostAndARangeCountsTwo() {
        List<PortRange> ports =
                new ArrayList<>(
                        IntStream.rangeClosed(1, 14).mapToObj(p -> new PortRange(p, p)).toList());
        ports.add(new PortRange(100, 200));
        ports.add(new PortRange(300, 300));

        assertThat(PortRange.multiports(ports))
                .containsExactly("1,2,3,4,5,6,7,8,9,10,11,12,13,14", "100:200,300");
    }

    @Test
    void portsOfTheApplicationMayBeTheOnlyOnesOrTheExceptions() {
        RuleSet rules =
                RuleSet.of(
                        new RedirectSettings(
                                16006,
                                16001,
                                5,
                                List.of(PortRange.parse("80"), PortRange.parse("9000-9099")),
                                List.of(PortRange.parse("22")),
                                List.of(PortRange.parse("5432")),
                                List.of(),
                                List.of()),
                        IpFamily.V6);

        assertThat(rules.inbound())
                .containsExactly(
                        "-A COUNTERSIGN_INBOUND -p tcp -m multiport --dports 22 -j RETURN",
                        "-A COUNTERSIGN_INBOUND -p tcp -m multiport --dports 80,9000:9099 -j"
                                + " REDIRECT --to-ports 16006");
        assertThat(rules.outbound())
                .contains("-A COUNTERSIGN_OUTBOUND -p tcp -m multiport --dports 5432 -j RETURN")
                .last()
                .isEqualTo("-A COUNTERSIGN_OUTBOUND -p tcp -j REDIRECT --to-ports 16001");
    }

    @Test
    void aJumpThatStandsIsNotAddedAgain() {
        RuleSet rules = RuleSet.of(PLAIN, IpFamily.V4);

        assertThat(rules.install(List.of()).lines())
                .startsWith("*nat", ":COUNTERSIGN_INBOUND - [0:0]", ":COUNTERSIGN_OUTBOUND - [0:0]")
                .endsWith(
                        "-A PREROUTING -p tcp -j COUNTERSIGN_INBOUND",
                        "-A OUTPUT -p tcp -j COUNTERSIGN_OUTBOUND",
                        "COMMIT");
        assertThat(rules.install(RuleSet.JUMPS)).doesNotContain("PREROUTING", "-A OUTPUT");
    }

    @Test
    void removalTakesEveryJumpAndOnlyWhatStands() {
        List<String> standing =
                List.of(
                        "-P PREROUTING ACCEPT",
                        "-N COUNTERSIGN_INBOUND",
                        "-A PREROUTING -p tcp -j COUNTERSIGN_INBOUND",
                        "-A PREROUTING -p tcp -j COUNTERSIGN_INBOUND",
                        "-A PREROUTING -p tcp -j SOMEBODY_ELSES");

        assertThat(RuleSet.removal(standing).lines())
                .containsExactly(
                        "*nat",
                        "-D PREROUTING -p tcp -j COUNTERSIGN_INBOUND",
                        "-D PREROUTING -p tcp -j COUNTERSIGN_INBOUND",
                        "-F COUNTERSIGN_INBOUND",
                        "-X COUNTERSIGN_INBOUND",
                        "COMMIT");
        assertThat(RuleSet.removal(List.of("-P OUTPUT ACCEPT"))).isEmpty();
    }

    @Test
    void whatIsMissingTwiceOrNotOursIsSaid() {
        RuleSet rules = RuleSet.of(PLAIN, IpFamily.V4);
        List<String> good = new ArrayList<>(RuleSet.JUMPS);
        good.addAll(rules.inbound());
        good.addAll(rules.outbound());
        List<String> bad = new ArrayList<>(good);
        bad.remove("-A COUNTERSIGN_OUTBOUND -o lo -j RETURN");
        bad.add("-A COUNTERSIGN_OUTBOUND -p tcp -j ACCEPT");
        bad.add(RuleSet.JUMPS.getFirst());

        assertThat(rules.differences(good)).isEmpty();
        assertThat(rules.differences(bad))
                .containsExactly(
                        "2 times: -A PREROUTING -p tcp -j COUNTERSIGN_INBOUND (expected: once)",
                        "missing: -A COUNTERSIGN_OUTBOUND -o lo -j RETURN",
                        "unexpected: -A COUNTERSIGN_OUTBOUND -p tcp -j ACCEPT");
        assertThat(rules.differences(List.of())).contains("missing: " + RuleSet.JUMPS.getFirst());
        assertThat(rules.differences(swapped(good, rules.outbound())))
                .singleElement()
                .asString()
                .startsWith("in another order");
    }

    @Test
    void settingsOutOfBoundsAreRefusedWithValueAndExpectation() {
        assertThatThrownBy(() -> PortRange.parse("80-79")).hasMessageContaining("expected");
        assertThatThrownBy(() -> PortRange.parse("+80")).hasMessageContaining("+80 (expected");
        assertThatThrownBy(() -> PortRange.parse("65536")).hasMessageContaining("65535");
        assertThatThrownBy(() -> PortRange.parse("99999999999")).hasMessageContaining("expected");
        assertThatThrownBy(() -> RedirectSettings.of(-1)).hasMessageContaining("agentUid: -1");
        assertThatThrownBy(() ->
                        new RedirectSettings(
                                1, 1, 0, List.of(), List.of(), List.of(), List.of(), List.of()))
                .hasMessageContaining("another one");
        assertThatThrownBy(() ->
                        new RedirectSettings(
                                1,
                                2,
                                0,
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(block("0.0.0.0/0")),
                                List.of()))
                .hasMessageContaining("less than everything");
    }

    private static List<String> swapped(List<String> lines, List<String> rules) {
        List<String> other = new ArrayList<>(lines);
        int first = other.indexOf(rules.get(0));
        other.set(first, rules.get(1));
        other.set(first + 1, rules.get(0));
        return other;
    }

    private static IpBlock block(String text) {
        return Objects.requireNonNull(IpBlock.parse(text));
    }
}
