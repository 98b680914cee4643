package dev.countersign.policy.index;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** Rules by port. */
public final class PortIndex {

    private final int[] ports;
    private final Postings[] found;
    private final Postings others;

    /**
     * @param byPort the rules that ask for a port
     * @param others the rules that do not
     * @param limit above every rule number
     */
    public PortIndex(Map<Integer, RuleNumbers> byPort, Postings others, int limit) {
        TreeMap<Integer, RuleNumbers> sorted = new TreeMap<>(byPort);
        this.ports = sorted.keySet().stream().mapToInt(Integer::intValue).toArray();
        this.found =
                sorted.values().stream()
                        .map(rules -> Postings.of(rules, limit, others))
                        .toArray(Postings[]::new);
        this.others = others;
    }

    /** The rules that could match on this port. */
    public Postings find(int port) {
        int at = Arrays.binarySearch(ports, port);
        return at < 0 ? others : found[at];
    }
}
