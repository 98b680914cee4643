package dev.countersign.agent.redirect;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The rules of one address family, as data: each is written as {@code iptables -t nat -S} prints it, so
 * that what is in force can be compared word by word.
 *
 * @param inbound of the chain {@link #INBOUND}, in order
 * @param outbound of the chain {@link #OUTBOUND}, in order
 */
public record RuleSet(List<String> inbound, List<String> outbound) {
    /** Connections that come from outside. */
    public static final String INBOUND = "COUNTERSIGN_INBOUND";

    /** Connections that are made here. */
    public static final String OUTBOUND = "COUNTERSIGN_OUTBOUND";

    /** What leads into each chain. */
    static final List<String> JUMPS =
            List.of("-A PREROUTING -p tcp -j " + INBOUND, "-A OUTPUT -p tcp -j " + OUTBOUND);

    private static final String IN = "-A " + INBOUND;
    private static final String OUT = "-A " + OUTBOUND;
    private static final String LEFT_ALONE = " -j RETURN";

    public RuleSet {
        inbound = List.copyOf(inbound);
        outbound = List.copyOf(outbound);
    }

    public static RuleSet of(RedirectSettings settings, IpFamily family) {
        return new RuleSet(inbound(settings), outbound(settings, family));
    }

    private static List<String> inbound(RedirectSettings settings) {
        List<String> rules = new ArrayList<>();
        String redirect = " -j REDIRECT --to-ports " + settings.inboundPort();
        rules.addAll(ports(IN, settings.excludedInbound(), LEFT_ALONE));
        if (settings.inbound().isEmpty()) {
            rules.add(IN + " -p tcp" + redirect);
        } else {
            rules.addAll(ports(IN, settings.inbound(), redirect));
        }
        return rules;
    }

    private static List<String> outbound(RedirectSettings settings, IpFamily family) {
        List<String> rules = new ArrayList<>();
        rules.add(OUT + " -o lo" + LEFT_ALONE);
        rules.add(owner(settings.agentUid()));
        settings.excludedUids().forEach(uid -> rules.add(owner(uid)));
        rules.add(OUT + " -p tcp -m tcp --dport 53" + LEFT_ALONE);
        rules.addAll(ports(OUT, settings.excludedOutbound(), LEFT_ALONE));
        settings.excludedNetworks().stream()
                .filter(family::holds)
                .forEach(block -> rules.add(OUT + " -d " + CidrText.of(block) + LEFT_ALONE));
        rules.add(OUT + " -p tcp -j REDIRECT --to-ports " + settings.outboundPort());
        return rules;
    }

    private static List<String> ports(String chain, List<PortRange> ranges, String then) {
        return PortRange.multiports(ranges).stream()
                .map(ports -> chain + " -p tcp -m multiport --dports " + ports + then)
                .toList();
    }

    private static String owner(long uid) {
        return OUT + " -m owner --uid-owner " + uid + LEFT_ALONE;
    }

    /**
     * For {@code iptables-restore --noflush}: naming a chain makes it or empties it, and all of it comes
     * into force at once.
     *
     * @param standing what {@code -S} prints now: a jump that stands is not added again
     */
    public String install(List<String> standing) {
        List<String> lines = new ArrayList<>();
        lines.add(":" + INBOUND + " - [0:0]");
        lines.add(":" + OUTBOUND + " - [0:0]");
        lines.addAll(inbound);
        lines.addAll(outbound);
        JUMPS.stream().filter(jump -> !standing.contains(jump)).forEach(lines::add);
        return transaction(lines);
    }

    /** Takes out every jump and both chains; empty where nothing of ours stands. */
    public static String removal(List<String> standing) {
        List<String> lines = new ArrayList<>();
        for (String jump : JUMPS) {
            int times = Collections.frequency(standing, jump);
            lines.addAll(Collections.nCopies(times, jump.replaceFirst("^-A", "-D")));
        }
        List<String> chains =
                List.of(INBOUND, OUTBOUND).stream()
                        .filter(chain -> standing.contains("-N " + chain))
                        .toList();
        chains.forEach(chain -> lines.add("-F " + chain));
        chains.forEach(chain -> lines.add("-X " + chain));
        return lines.isEmpty() ? "" : transaction(lines);
    }

    /** What is not as it should be, a sentence each; empty where everything is. */
    public List<String> differences(List<String> standing) {
        List<String> found = new ArrayList<>();
        for (String jump : JUMPS) {
            int times = Collections.frequency(standing, jump);
            if (times == 0) {
                found.add("missing: " + jump);
            } else if (times > 1) {
                found.add(times + " times: " + jump + " (expected: once)");
            }
        }
        found.addAll(differences(INBOUND, inbound, standing));
        found.addAll(differences(OUTBOUND, outbound, standing));
        return found;
    }

    private static List<String> differences(
            String chain, List<String> expected, List<String> standing) {
        List<String> there =
                standing.stream().filter(line -> line.startsWith("-A " + chain + " ")).toList();
        List<String> found = new ArrayList<>();
        if (there.equals(expected)) {
            return found;
        }
        expected.stream()
                .filter(rule -> !there.contains(rule))
                .forEach(rule -> found.add("missing: " + rule));
        there.stream()
                .filter(rule -> !expected.contains(rule))
                .forEach(rule -> found.add("unexpected: " + rule));
        if (found.isEmpty()) {
            found.add("in another order, or twice: " + there + " (expected: " + expected + ")");
        }
        return found;
    }

    private static String transaction(List<String> lines) {
        return "*nat\n" + String.join("\n", lines) + "\nCOMMIT\n";
    }
}
