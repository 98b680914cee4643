package dev.countersign.policy.index;

import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.match.IpBlock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Rules by blocks of addresses. One sorted table for each length of prefix, looked through from the
 * longest: what is found there comes with the shorter prefixes around it.
 */
public final class AddressIndex {

    private final List<Level> levels;
    private final Postings others;

    /**
     * @param byBlock the rules that ask for a {@linkplain IpBlock#canonical canonical} block
     * @param others the rules that do not
     * @param limit above every rule number
     */
    public AddressIndex(Map<IpBlock, RuleNumbers> byBlock, Postings others, int limit) {
        this.others = others;
        Map<Width, Map<IpAddress, RuleNumbers>> byWidth = new TreeMap<>(Width.SHORTEST_FIRST);
        byBlock.forEach((block, rules) ->
                byWidth.computeIfAbsent(Width.of(block), w -> new TreeMap<>(Level.ORDER))
                        .put(block.address(), rules));
        List<Level> longestFirst = new ArrayList<>();
        byWidth.forEach((width, networks) ->
                longestFirst.addFirst(
                        Level.of(
                                width,
                                networks,
                                network -> find(longestFirst, network, others),
                                limit)));
        this.levels = List.copyOf(longestFirst);
    }

    /** The rules that could match an address; null: it is absent. */
    public Postings find(@Nullable IpAddress address) {
        return address == null ? others : find(levels, address, others);
    }

    private static Postings find(List<Level> levels, IpAddress address, Postings others) {
        // By index: an iterator would be allocated for every request.
        for (int i = 0; i < levels.size(); i++) {
            Postings found = levels.get(i).find(address);
            if (found != null) {
                return found;
            }
        }
        return others;
    }

    /** A family and a length of prefix. */
    private record Width(boolean v4, int prefix) {

        static final Comparator<Width> SHORTEST_FIRST =
                Comparator.comparing(Width::v4).thenComparingInt(Width::prefix);

        static Width of(IpBlock block) {
            return new Width(block.address().v4(), block.prefix());
        }
    }

    /** The networks of one width, sorted. */
    private record Level(Width width, List<IpAddress> networks, List<Postings> found) {

        static final Comparator<IpAddress> ORDER =
                Comparator.comparingLong(IpAddress::high).thenComparingLong(IpAddress::low);

        static Level of(
                Width width,
                Map<IpAddress, RuleNumbers> networks,
                Function<IpAddress, Postings> shorter,
                int limit) {
            List<Postings> found = new ArrayList<>();
            networks.forEach((network, rules) ->
                    found.add(Postings.of(rules, limit, shorter.apply(network))));
            return new Level(width, List.copyOf(networks.keySet()), List.copyOf(found));
        }

        @Nullable Postings find(IpAddress address) {
            if (address.v4() != width.v4()) {
                return null;
            }
            long high = IpBlock.highBits(address, width.prefix());
            long low = IpBlock.lowBits(address, width.prefix());
            int from = 0;
            int to = networks.size() - 1;
            while (from <= to) {
                int middle = (from + to) >>> 1;
                int order = compare(networks.get(middle), high, low);
                if (order == 0) {
                    return found.get(middle);
                }
                if (order < 0) {
                    from = middle + 1;
                } else {
                    to = middle - 1;
                }
            }
            return null;
        }

        private static int compare(IpAddress network, long high, long low) {
            int order = Long.compare(network.high(), high);
            return order == 0 ? Long.compare(network.low(), low) : order;
        }
    }
}
