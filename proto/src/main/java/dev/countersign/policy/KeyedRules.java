package dev.countersign.policy;

import dev.countersign.policy.index.AddressIndex;
import dev.countersign.policy.index.PortIndex;
import dev.countersign.policy.index.Postings;
import dev.countersign.policy.index.RuleNumbers;
import dev.countersign.policy.index.SegmentIndex;
import dev.countersign.policy.index.TextIndex;
import dev.countersign.policy.index.TextIndex.Reading;
import dev.countersign.policy.match.IpBlock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Collects the rules that cover one facet, by their keys, while an index is built. */
final class KeyedRules {

    private final Facet facet;
    private final RuleNumbers covered = new RuleNumbers();
    private final Map<String, RuleNumbers> wholes = new HashMap<>();
    private final Map<String, RuleNumbers> edges = new HashMap<>();
    private final Map<Integer, RuleNumbers> ports = new HashMap<>();
    private final Map<IpBlock, RuleNumbers> blocks = new HashMap<>();

    KeyedRules(Facet facet) {
        this.facet = facet;
    }

    Facet facet() {
        return facet;
    }

    /** Adds a rule; rules come in ascending order. */
    void add(int rule, List<Key> keys) {
        covered.add(rule);
        for (Key key : keys) {
            switch (key) {
                case Key.Whole whole -> rules(wholes, whole.text()).add(rule);
                case Key.Edge edge -> rules(edges, edge.text()).add(rule);
                case Key.OnPort on -> rules(ports, on.port()).add(rule);
                case Key.Block block -> rules(blocks, block.block()).add(rule);
            }
        }
    }

    /**
     * How many of the rules remain on average, if requests ask for keys as often as rules do: those
     * that do not cover the facet always remain, and each other as often as its key is asked for.
     */
    double remaining(int rules) {
        double kept =
                Stream.of(wholes, edges, ports, blocks)
                        .flatMap(map -> map.values().stream())
                        .mapToDouble(one -> (double) one.size() * one.size() / rules)
                        .sum();
        return rules - covered.size() + kept;
    }

    Dimension build(int limit) {
        Postings others = Postings.of(covered.complement(limit), limit, null);
        return switch (facet) {
            case Facet.Port port -> new Dimension.Ports(new PortIndex(ports, others, limit));
            case Facet.Text text ->
                    new Dimension.Texts(text.attribute(), texts(text, others, limit));
            case Facet.ClaimText claim ->
                    new Dimension.ClaimTexts(
                            claim.claim(),
                            new TextIndex(Reading.FROM_START, wholes, edges, others, limit),
                            Postings.of(RuleNumbers.upTo(limit), limit, null));
            case Facet.Segment segment ->
                    new Dimension.Segments(
                            new SegmentIndex(segment.marker(), wholes, others, limit));
            case Facet.Address address ->
                    new Dimension.Addresses(
                            address.which(), new AddressIndex(blocks, others, limit));
        };
    }

    private TextIndex texts(Facet.Text text, Postings others, int limit) {
        Reading reading =
                text.fromEnd()
                        ? (text.folded() ? Reading.FROM_END_FOLDED : Reading.FROM_END)
                        : (text.folded() ? Reading.FROM_START_FOLDED : Reading.FROM_START);
        return new TextIndex(reading, wholes, edges, others, limit);
    }

    private static <K> RuleNumbers rules(Map<K, RuleNumbers> map, K key) {
        return map.computeIfAbsent(key, k -> new RuleNumbers());
    }
}
