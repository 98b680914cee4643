package dev.countersign.agent.cli;

import dev.countersign.agent.redirect.IpFamily;
import dev.countersign.agent.redirect.PortRange;
import dev.countersign.agent.redirect.RedirectSettings;
import dev.countersign.agent.redirect.Redirection;
import dev.countersign.agent.redirect.RuleSet;
import dev.countersign.policy.match.IpBlock;
import dev.countersign.runtime.CommandLineRunner;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The kernel's rules that lead a workload's connections through its agent. */
@Command(
        name = "redirect",
        description = {
            "Lead this network namespace's TCP connections through the agent, or stop doing so.",
            "Needs iptables and CAP_NET_ADMIN; touches only chains of its own in the nat table."
        })
public final class RedirectCommand implements Runnable {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "a command is missing: install, remove, verify or print");
    }

    @Command(
            name = "install",
            description = "Put the rules in force; those that stand already are replaced.")
    int install(@Mixin Settings settings) throws IOException {
        return tell(Redirection.ofThisHost().install(settings.checked(spec)), true);
    }

    @Command(name = "remove", description = "Take all rules of ours out.")
    int remove() throws IOException {
        return tell(Redirection.ofThisHost().remove(), true);
    }

    @Command(
            name = "verify",
            description = "Say which rules are missing or not ours; exit code 1 if any is.")
    int verify(@Mixin Settings settings) throws IOException {
        List<Redirection.Outcome> outcomes =
                Redirection.ofThisHost().verify(settings.checked(spec));
        boolean good = outcomes.stream().allMatch(one -> one.text().isEmpty());
        tell(outcomes, good);
        return good ? CommandLineRunner.OK : CommandLineRunner.FAILED;
    }

    @Command(
            name = "print",
            description = "Print what install would hand to iptables-restore, and change nothing.")
    int print(@Mixin Settings settings) {
        RedirectSettings checked = settings.checked(spec);
        PrintWriter out = spec.commandLine().getOut();
        for (IpFamily family : IpFamily.values()) {
            out.println("# " + (family == IpFamily.V4 ? "IPv4" : "IPv6"));
            out.print(RuleSet.of(checked, family).install(List.of()));
        }
        return CommandLineRunner.OK;
    }

    private int tell(List<Redirection.Outcome> outcomes, boolean good) {
        PrintWriter out = spec.commandLine().getOut();
        for (Redirection.Outcome one : outcomes) {
            if (one.text().isEmpty()) {
                out.println(one.command() + ": all rules in force");
            }
            one.text().forEach(text -> out.println(one.command() + ": " + text));
        }
        return good ? CommandLineRunner.OK : CommandLineRunner.FAILED;
    }

    /** What is redirected, and what is not. */
    static final class Settings {
        @Option(
                names = "--agent-uid",
                required = true,
                paramLabel = "UID",
                description = "user the agent runs as: its own connections are left alone")
        private long agentUid;

        @Option(
                names = "--inbound-port",
                paramLabel = "PORT",
                description = "where the agent takes connections from outside (${DEFAULT-VALUE})",
                defaultValue = "15006")
        private int inboundPort;

        @Option(
                names = "--outbound-port",
                paramLabel = "PORT",
                description = "where it takes those of the application (${DEFAULT-VALUE})",
                defaultValue = "15001")
        private int outboundPort;

        @Option(
                names = "--inbound-ports",
                split = ",",
                paramLabel = "PORTS",
                description = "redirect only these ports of the application, as 80,9000-9099 (all)")
        private List<String> inbound = new ArrayList<>();

        @Option(
                names = "--exclude-inbound-ports",
                split = ",",
                paramLabel = "PORTS",
                description = "ports of the application that are reached directly, beside 15020")
        private List<String> excludedInbound = new ArrayList<>();

        @Option(
                names = "--exclude-outbound-ports",
                split = ",",
                paramLabel = "PORTS",
                description = "ports elsewhere that the application reaches directly")
        private List<String> excludedOutbound = new ArrayList<>();

        @Option(
                names = "--exclude-networks",
                split = ",",
                paramLabel = "CIDR",
                description = "addresses elsewhere that it reaches directly, IPv4 and IPv6")
        private List<String> networks = new ArrayList<>();

        @Option(
                names = "--exclude-uids",
                split = ",",
                paramLabel = "UID",
                description = "users whose connections are left alone, beside the agent's")
        private List<Long> uids = new ArrayList<>();

        private RedirectSettings checked(CommandSpec spec) {
            try {
                List<PortRange> excluded = new ArrayList<>();
                excluded.add(RedirectSettings.OPS_PORT);
                excluded.addAll(all(excludedInbound, PortRange::parse));
                return new RedirectSettings(
                        inboundPort,
                        outboundPort,
                        agentUid,
                        all(inbound, PortRange::parse),
                        excluded,
                        all(excludedOutbound, PortRange::parse),
                        all(networks, Settings::network),
                        uids);
            } catch (IllegalArgumentException wrong) {
                throw new ParameterException(
                        spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
            }
        }

        private static <T> List<T> all(List<String> texts, Function<String, T> parse) {
            return texts.stream().map(parse).toList();
        }

        private static IpBlock network(String text) {
            IpBlock block = IpBlock.parse(text);
            if (block == null) {
                throw new IllegalArgumentException(
                        "network: " + text + " (expected: an address or a CIDR range)");
            }
            return block;
        }
    }
}
