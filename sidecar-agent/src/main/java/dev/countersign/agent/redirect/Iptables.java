package dev.countersign.agent.redirect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The nat table of one address family in this network namespace, through one back end's commands.
 *
 * @param command {@code iptables-nft}; its sibling with {@code -restore} does the changes
 */
record Iptables(Command runner, String command) {
    /** Seconds to wait for another process that changes rules. */
    private static final String PATIENCE = "5";

    private static final String NAT = "nat";

    /** Which back end holds our chains; else nft, else legacy, else whatever {@code iptables} is. */
    static Optional<Iptables> find(Command runner, IpFamily family) {
        Iptables nft = new Iptables(runner, family.command() + "-nft");
        Iptables legacy = new Iptables(runner, family.command() + "-legacy");
        Iptables plain = new Iptables(runner, family.command());
        boolean nftWorks = nft.works();
        if (nftWorks && nft.holdsOurs()) {
            return Optional.of(nft);
        }
        // Only asked where its tables exist: asking would make them.
        if (usesLegacy(family) && legacy.works() && legacy.holdsOurs()) {
            return Optional.of(legacy);
        }
        if (nftWorks) {
            return Optional.of(nft);
        }
        return List.of(legacy, plain).stream().filter(Iptables::works).findFirst();
    }

    private static boolean usesLegacy(IpFamily family) {
        try {
            return Files.readAllLines(Path.of(family.legacyTables())).contains(NAT);
        } catch (IOException none) {
            return false;
        }
    }

    /** The table, a line a chain or rule. */
    List<String> rules() throws IOException {
        return runner.run(List.of(command, "-w", PATIENCE, "-t", NAT, "-S"), "")
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("-"))
                .toList();
    }

    /** All of it, or nothing. */
    void restore(String transaction) throws IOException {
        runner.run(List.of(command + "-restore", "--noflush", "-w", PATIENCE), transaction);
    }

    private boolean works() {
        try {
            rules();
            return true;
        } catch (IOException missingOrRefused) {
            return false;
        }
    }

    private boolean holdsOurs() {
        try {
            return rules().contains("-N " + RuleSet.INBOUND);
        } catch (IOException refused) {
            return false;
        }
    }

    @Override
    public String toString() {
        return command;
    }
}
