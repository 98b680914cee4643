package dev.countersign.policy;

import dev.countersign.policy.index.Postings;
import dev.countersign.policy.index.RuleNumbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The rules of several policies for one kind of connection, in order, with an index over them.
 *
 * <p>To find the first rule that matches, each {@link Dimension} proposes rules, what all propose is
 * tried in order, and {@link CompiledRule#matches} decides. So a rule that cannot match for what an
 * index sees costs nothing, and the answer is the one that trying every rule would give.
 */
final class RuleIndex {

    /** As many as {@link #first} takes; more would seldom leave fewer rules to try. */
    private static final int MOST_DIMENSIONS = 8;

    /** Up to here, trying each rule costs no more than looking into an index. */
    private static final int TOO_FEW_TO_INDEX = 2;

    private final List<CompiledPolicy> policies;
    private final CompiledRule[] rules;

    /** The policy of each rule, by its index in {@link #policies}. */
    private final int[] owners;

    /** The number of each policy's first rule, and the number of rules at the end. */
    private final int[] starts;

    private final Dimension[] dimensions;
    private final Postings all;

    /**
     * @param http for HTTP, or for TCP
     * @param cover what each rule needs; {@link Cover#of}, unless a test breaks it on purpose
     */
    RuleIndex(
            List<CompiledPolicy> policies,
            boolean http,
            Function<CompiledRule, Map<Facet, List<Key>>> cover) {
        this.policies = List.copyOf(policies);
        this.starts = new int[policies.size() + 1];
        List<CompiledRule> flat = new ArrayList<>();
        for (int i = 0; i < policies.size(); i++) {
            flat.addAll(policies.get(i).rules(http));
            starts[i + 1] = flat.size();
        }
        this.rules = flat.toArray(CompiledRule[]::new);
        this.owners = new int[rules.length];
        for (int i = 0; i < policies.size(); i++) {
            Arrays.fill(owners, starts[i], starts[i + 1], i);
        }
        this.dimensions = dimensions(rules, cover);
        this.all = Postings.of(RuleNumbers.upTo(rules.length), rules.length, null);
    }

    /** The policies whose rules are here, in order. */
    List<CompiledPolicy> policies() {
        return policies;
    }

    /** How many rules there are. */
    int size() {
        return rules.length;
    }

    /** The number of a policy's first rule, by the policy's index. */
    int start(int policy) {
        return starts[policy];
    }

    /** The policy of a rule, by its index. */
    int owner(int rule) {
        return owners[rule];
    }

    /** Where a rule stands in its policy. */
    int indexInPolicy(int rule) {
        return rules[rule].index();
    }

    /** The number of the first rule from {@code from} on that matches, or -1. Allocates nothing. */
    int first(Request request, int from) {
        if (from >= rules.length) {
            return -1;
        }
        return first(
                request,
                from,
                candidates(0, request),
                candidates(1, request),
                candidates(2, request),
                candidates(3, request),
                candidates(4, request),
                candidates(5, request),
                candidates(6, request),
                candidates(7, request));
    }

    private Postings candidates(int dimension, Request request) {
        return dimension < dimensions.length ? dimensions[dimension].candidates(request) : all;
    }

    // Parameters rather than an array: an array would be allocated for every request.
    private int first(
            Request request,
            int from,
            Postings a,
            Postings b,
            Postings c,
            Postings d,
            Postings e,
            Postings f,
            Postings g,
            Postings h) {
        for (int s = from >>> 12; s < Postings.summariesFor(rules.length); s++) {
            long words = a.summary(s) & b.summary(s) & c.summary(s) & d.summary(s);
            words =
                    words == 0
                            ? 0
                            : words & e.summary(s) & f.summary(s) & g.summary(s) & h.summary(s);
            for (; words != 0; words &= words - 1) {
                int word = s << 6 | Long.numberOfTrailingZeros(words);
                long some = a.word(word) & b.word(word) & c.word(word) & d.word(word);
                some =
                        some == 0
                                ? 0
                                : some & e.word(word) & f.word(word) & g.word(word) & h.word(word);
                int found = firstOf(request, word << 6, some & from(word, from));
                if (found >= 0) {
                    return found;
                }
            }
        }
        return -1;
    }

    private int firstOf(Request request, int base, long candidates) {
        for (long left = candidates; left != 0; left &= left - 1) {
            int rule = base | Long.numberOfTrailingZeros(left);
            if (rules[rule].matches(request)) {
                return rule;
            }
        }
        return -1;
    }

    /** The bits of a word that stand for rules from {@code from} on. */
    private static long from(int word, int from) {
        int gap = from - (word << 6);
        return gap <= 0 ? -1L : gap >= 64 ? 0 : -1L << gap;
    }

    private static Dimension[] dimensions(
            CompiledRule[] rules, Function<CompiledRule, Map<Facet, List<Key>>> cover) {
        if (rules.length <= TOO_FEW_TO_INDEX) {
            return new Dimension[0];
        }
        Map<Facet, KeyedRules> byFacet = new HashMap<>();
        for (int i = 0; i < rules.length; i++) {
            int rule = i;
            cover.apply(rules[i])
                    .forEach((facet, keys) ->
                            byFacet.computeIfAbsent(facet, KeyedRules::new).add(rule, keys));
        }
        return byFacet.values().stream()
                .filter(keyed -> keyed.remaining(rules.length) < rules.length)
                .sorted(Comparator.comparingDouble(keyed -> keyed.remaining(rules.length)))
                .limit(MOST_DIMENSIONS)
                .map(keyed -> keyed.build(rules.length))
                .toArray(Dimension[]::new);
    }
}
