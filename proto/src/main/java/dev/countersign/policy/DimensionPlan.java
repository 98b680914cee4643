package dev.countersign.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which dimensions tell some rules apart, and where each rule stands in them.
 *
 * @param numbers of the rule at each place: rules that cover the same dimensions stand together, in
 *     their order
 * @param groupEnds for each place, the first place behind those that stand together with it
 */
record DimensionPlan(Dimension[] dimensions, int[] numbers, int[] groupEnds) {

    /** As many as {@link RuleIndex} looks up; more would seldom leave fewer rules to try. */
    private static final int MOST = 6;

    /** So many are looked up wherever they tell rules apart, more if they are likely to save a try. */
    private static final int ALWAYS_WORTH = 3;

    /** Up to here, trying each rule costs no more than looking into an index. */
    private static final int TOO_FEW_TO_INDEX = 2;

    /** Plans for rules in their order, by what each of them needs. */
    static DimensionPlan of(List<Map<Facet, List<Key>>> covers) {
        List<Facet> facets = covers.size() <= TOO_FEW_TO_INDEX ? List.of() : telling(covers);
        long[] sorted = new long[covers.size()];
        for (int rule = 0; rule < sorted.length; rule++) {
            sorted[rule] = covered(facets, covers.get(rule)) << 32 | rule;
        }
        Arrays.sort(sorted);
        int[] numbers = Arrays.stream(sorted).mapToInt(one -> (int) one).toArray();
        Dimension[] dimensions =
                facets.stream()
                        .map(facet -> dimension(facet, numbers, covers))
                        .toArray(Dimension[]::new);
        return new DimensionPlan(dimensions, numbers, groupEnds(sorted));
    }

    /** The facets worth looking up, the most telling first. */
    private static List<Facet> telling(List<Map<Facet, List<Key>>> covers) {
        Map<Facet, KeyedRules> byFacet = new HashMap<>();
        for (int i = 0; i < covers.size(); i++) {
            int rule = i;
            covers.get(i)
                    .forEach((facet, keys) ->
                            byFacet.computeIfAbsent(facet, KeyedRules::new).add(rule, keys));
        }
        int rules = covers.size();
        List<KeyedRules> byWorth = new ArrayList<>(byFacet.values());
        byWorth.sort(Comparator.comparingDouble(keyed -> keyed.remaining(rules)));
        List<Facet> chosen = new ArrayList<>();
        double left = rules;
        for (KeyedRules keyed : byWorth) {
            double share = keyed.remaining(rules) / rules;
            boolean worth = chosen.size() < ALWAYS_WORTH ? share < 0.9 : left * (1 - share) > 0.5;
            if (worth && chosen.size() < MOST) {
                chosen.add(keyed.facet());
                left *= share;
            }
        }
        return chosen;
    }

    /** A bit for each facet that the rule covers. */
    private static long covered(List<Facet> facets, Map<Facet, List<Key>> cover) {
        long bits = 0;
        for (int i = 0; i < facets.size(); i++) {
            bits |= cover.containsKey(facets.get(i)) ? 1L << i : 0;
        }
        return bits;
    }

    private static Dimension dimension(
            Facet facet, int[] numbers, List<Map<Facet, List<Key>>> covers) {
        KeyedRules keyed = new KeyedRules(facet);
        for (int place = 0; place < numbers.length; place++) {
            List<Key> keys = covers.get(numbers[place]).get(facet);
            if (keys != null) {
                keyed.add(place, keys);
            }
        }
        return keyed.build(numbers.length);
    }

    private static int[] groupEnds(long[] sorted) {
        int[] ends = new int[sorted.length];
        for (int place = sorted.length - 1; place >= 0; place--) {
            boolean last =
                    place == sorted.length - 1 || sorted[place] >>> 32 != sorted[place + 1] >>> 32;
            ends[place] = last ? place + 1 : ends[place + 1];
        }
        return ends;
    }
}
