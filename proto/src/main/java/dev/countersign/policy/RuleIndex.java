package dev.countersign.policy;

import dev.countersign.policy.index.Postings;
import dev.countersign.policy.index.RuleNumbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The rules of several policies for one kind of connection, in order, with an index over them.
 *
 * <p>To find the first rule that matches, each {@link Dimension} proposes rules, what all propose is
 * tried, and {@link CompiledRule#matches} decides. So a rule that cannot match for what an index sees
 * costs nothing, and the answer is the one that trying every rule in order would give.
 *
 * <p>In the index a rule has a <i>place</i>: rules that ask for the same kinds of things stand
 * together, each such group in the order of the rules. Sets of places then have few words in common
 * that hold no place in common, and the look-up takes the same time however many rules there are.
 */
final class RuleIndex {

    private final List<CompiledPolicy> policies;

    /** By number. */
    private final CompiledRule[] rules;

    /** The policy of each rule, by its index in {@link #policies}. */
    private final int[] owners;

    /** The number of each policy's first rule, and the number of rules at the end. */
    private final int[] starts;

    private final Dimension[] dimensions;

    /** The number of the rule at each place. */
    private final int[] numbers;

    /** Where the group of each place ends. */
    private final int[] groupEnds;

    private final Postings all;
    private final int summaries;

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
        DimensionPlan plan = DimensionPlan.of(flat.stream().map(cover).toList());
        this.dimensions = plan.dimensions();
        this.numbers = plan.numbers();
        this.groupEnds = plan.groupEnds();
        this.all = Postings.of(RuleNumbers.upTo(rules.length), rules.length, null);
        this.summaries = Postings.summariesFor(rules.length);
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
        int found =
                rules.length <= Postings.RULES_PER_WORD
                        ? firstOfFew(request, from)
                        : firstOfMany(request, from);
        return found == rules.length ? -1 : found;
    }

    /** All rules stand in one word: dimensions are asked until none is left. */
    private int firstOfFew(Request request, int from) {
        long places = all.firstWord();
        for (int d = 0; d < dimensions.length && places != 0; d++) {
            places &= dimensions[d].candidates(request).firstWord();
        }
        int best = rules.length;
        while (places != 0) {
            int place = Long.numberOfTrailingZeros(places);
            int rule = numbers[place];
            boolean found = rule >= from && rule < best && rules[rule].matches(request);
            places &= from(0, found || rule >= best ? groupEnds[place] : place + 1);
            best = found ? rule : best;
        }
        return best;
    }

    private int firstOfMany(Request request, int from) {
        Postings a = candidates(0, request);
        Postings b = candidates(1, request);
        Postings c = candidates(2, request);
        return dimensions.length <= 3
                ? first(request, from, a, b, c)
                : first(
                        request,
                        from,
                        a,
                        b,
                        c,
                        candidates(3, request),
                        candidates(4, request),
                        candidates(5, request));
    }

    private Postings candidates(int dimension, Request request) {
        return dimension < dimensions.length ? dimensions[dimension].candidates(request) : all;
    }

    // Parameters rather than an array: an array would be allocated for every request.
    private int first(Request request, int from, Postings a, Postings b, Postings c) {
        int best = rules.length;
        int next = 0;
        for (int s = 0; s < summaries; s++) {
            long words = a.summary(s) & b.summary(s) & c.summary(s);
            for (; words != 0; words &= words - 1) {
                int word = s << 6 | Long.numberOfTrailingZeros(words);
                if (word < next >>> 6) {
                    continue;
                }
                long places = a.word(word) & b.word(word) & c.word(word);
                while ((places &= from(word, next)) != 0) {
                    int place = word << 6 | Long.numberOfTrailingZeros(places);
                    int rule = numbers[place];
                    boolean found = rule >= from && rule < best && rules[rule].matches(request);
                    next = found || rule >= best ? groupEnds[place] : place + 1;
                    best = found ? rule : best;
                }
            }
        }
        return best;
    }

    private int first(
            Request request,
            int from,
            Postings a,
            Postings b,
            Postings c,
            Postings d,
            Postings e,
            Postings f) {
        int best = rules.length;
        int next = 0;
        for (int s = 0; s < summaries; s++) {
            long words = a.summary(s) & b.summary(s) & c.summary(s);
            words = words == 0 ? 0 : words & d.summary(s) & e.summary(s) & f.summary(s);
            for (; words != 0; words &= words - 1) {
                int word = s << 6 | Long.numberOfTrailingZeros(words);
                if (word < next >>> 6) {
                    continue;
                }
                long places = a.word(word) & b.word(word) & c.word(word);
                places = places == 0 ? 0 : places & d.word(word) & e.word(word) & f.word(word);
                while ((places &= from(word, next)) != 0) {
                    int place = word << 6 | Long.numberOfTrailingZeros(places);
                    int rule = numbers[place];
                    boolean found = rule >= from && rule < best && rules[rule].matches(request);
                    next = found || rule >= best ? groupEnds[place] : place + 1;
                    best = found ? rule : best;
                }
            }
        }
        return best;
    }

    /** The bits of a word that stand for places from {@code next} on. */
    private static long from(int word, int next) {
        int gap = next - (word << 6);
        return gap <= 0 ? -1L : gap >= 64 ? 0 : -1L << gap;
    }
}
