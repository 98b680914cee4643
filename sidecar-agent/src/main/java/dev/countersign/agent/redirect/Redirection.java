package dev.countersign.agent.redirect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts rules in force in this network namespace, compares, and takes them out again. */
public final class Redirection {
    private static final Path IPV6 = Path.of("/proc/thread-self/net/if_inet6");

    private final Command runner;
    private final List<IpFamily> families;

    Redirection(Command runner, List<IpFamily> families) {
        this.runner = runner;
        this.families = List.copyOf(families);
    }

    /** Of this host; IPv6 where the kernel speaks it. */
    public static Redirection ofThisHost() {
        return new Redirection(
                Command.processes(),
                Files.exists(IPV6) ? List.of(IpFamily.V4, IpFamily.V6) : List.of(IpFamily.V4));
    }

    /**
     * What became of one family.
     *
     * @param command whose back end it was
     * @param text what was done, or what is wrong
     */
    public record Outcome(IpFamily family, String command, List<String> text) {
        public Outcome {
            text = List.copyOf(text);
        }
    }

    /**
     * Rules that stand already are replaced. Every family's tools are found before anything is changed.
     *
     * @throws IOException when a tool is missing or refuses; a family that was done before is undone
     */
    public List<Outcome> install(RedirectSettings settings) throws IOException {
        Map<IpFamily, Iptables> tools = tools();
        List<Outcome> outcomes = new ArrayList<>();
        List<Iptables> begun = new ArrayList<>();
        try {
            for (Map.Entry<IpFamily, Iptables> each : tools.entrySet()) {
                RuleSet rules = RuleSet.of(settings, each.getKey());
                begun.add(each.getValue());
                each.getValue().restore(rules.install(each.getValue().rules()));
                int count = rules.inbound().size() + rules.outbound().size();
                outcomes.add(outcome(each, List.of(count + " rules in force")));
            }
        } catch (IOException refused) {
            for (Iptables one : begun) {
                undo(one, refused);
            }
            throw refused;
        }
        return outcomes;
    }

    /** Nothing of ours stays; says what was there. */
    public List<Outcome> remove() throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        for (Map.Entry<IpFamily, Iptables> each : tools().entrySet()) {
            String removal = RuleSet.removal(each.getValue().rules());
            if (!removal.isEmpty()) {
                each.getValue().restore(removal);
            }
            outcomes.add(
                    outcome(
                            each,
                            List.of(removal.isEmpty() ? "nothing of ours was there" : "removed")));
        }
        return outcomes;
    }

    /** What is not in force as the settings say; empty texts where everything is. */
    public List<Outcome> verify(RedirectSettings settings) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        for (Map.Entry<IpFamily, Iptables> each : tools().entrySet()) {
            RuleSet rules = RuleSet.of(settings, each.getKey());
            outcomes.add(outcome(each, rules.differences(each.getValue().rules())));
        }
        return outcomes;
    }

    private Map<IpFamily, Iptables> tools() throws IOException {
        Map<IpFamily, Iptables> tools = new EnumMap<>(IpFamily.class);
        for (IpFamily family : families) {
            Optional<Iptables> found = Iptables.find(runner, family);
            tools.put(
                    family,
                    found.orElseThrow(() ->
                            new IOException(
                                    family.command()
                                            + ": not usable here (expected: iptables with nft"
                                            + " or legacy support, and CAP_NET_ADMIN)")));
        }
        return tools;
    }

    private static void undo(Iptables tool, IOException because) {
        try {
            String removal = RuleSet.removal(tool.rules());
            if (!removal.isEmpty()) {
                tool.restore(removal);
            }
        } catch (IOException alsoRefused) {
            because.addSuppressed(alsoRefused);
        }
    }

    private static Outcome outcome(Map.Entry<IpFamily, Iptables> of, List<String> text) {
        return new Outcome(of.getKey(), of.getValue().command(), text);
    }
}
