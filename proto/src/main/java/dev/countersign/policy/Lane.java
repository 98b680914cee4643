package dev.countersign.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Policies in order, for one kind of connection: finds the first that matches.
 *
 * <p>A change does not build the index anew. What was indexed stays as the base, in which policies
 * that are gone are skipped; what is new is indexed beside it. Only when too much has changed, or the
 * order has, everything is indexed again.
 *
 * <p>A match is a number: the position of the policy in the high half, the index of the rule in the
 * low half; {@link #NONE} where there is none.
 */
final class Lane {

    static final long NONE = -1;

    private static final int GONE = -1;

    /** Beside a base of this many times its rules, what changed is indexed on its own. */
    private static final int BASE_PER_CHANGED = 16;

    /** With more than one in so many rules gone, the base is made anew without them. */
    private static final int BASE_PER_GONE = 4;

    private final boolean http;
    private final Function<CompiledRule, Map<Facet, List<Key>>> cover;
    private final RuleIndex base;

    /** Where each policy of the base stands now; of those gone, the complement of the last before. */
    private final int[] basePositions;

    private final @Nullable RuleIndex changed;
    private final int[] changedPositions;

    private Lane(
            boolean http,
            Function<CompiledRule, Map<Facet, List<Key>>> cover,
            RuleIndex base,
            int[] basePositions,
            @Nullable RuleIndex changed,
            int[] changedPositions) {
        this.http = http;
        this.cover = cover;
        this.base = base;
        this.basePositions = basePositions;
        this.changed = changed;
        this.changedPositions = changedPositions;
    }

    /** Indexes every policy. */
    static Lane of(
            List<CompiledPolicy> policies,
            boolean http,
            Function<CompiledRule, Map<Facet, List<Key>>> cover) {
        int[] positions = new int[policies.size()];
        Arrays.setAll(positions, i -> i);
        return new Lane(
                http, cover, new RuleIndex(policies, http, cover), positions, null, new int[0]);
    }

    /** The same for other policies, with what of the base is still among them. */
    Lane successor(List<CompiledPolicy> policies) {
        IdentityHashMap<CompiledPolicy, Integer> known =
                new IdentityHashMap<>(base.policies().size());
        for (int i = 0; i < base.policies().size(); i++) {
            known.put(base.policies().get(i), i);
        }
        int[] positions = new int[base.policies().size()];
        Arrays.fill(positions, GONE);
        List<CompiledPolicy> others = new ArrayList<>();
        int[] otherPositions = new int[policies.size()];
        int last = -1;
        for (int position = 0; position < policies.size(); position++) {
            int at = known.getOrDefault(policies.get(position), GONE);
            if (at != GONE && at <= last) {
                return of(policies, http, cover);
            }
            if (at == GONE) {
                otherPositions[others.size()] = position;
                others.add(policies.get(position));
            } else {
                positions[at] = position;
                last = at;
            }
        }
        return successor(policies, positions, others, otherPositions);
    }

    private Lane successor(
            List<CompiledPolicy> policies,
            int[] positions,
            List<CompiledPolicy> others,
            int[] otherPositions) {
        long changedRules = others.stream().mapToLong(one -> one.rules(http).size()).sum();
        long goneRules = 0;
        for (int i = 0; i < positions.length; i++) {
            goneRules += positions[i] == GONE ? base.start(i + 1) - base.start(i) : 0;
        }
        if (changedRules * BASE_PER_CHANGED > base.size()
                || goneRules * BASE_PER_GONE > base.size()) {
            return of(policies, http, cover);
        }
        for (int i = 0, last = 0; i < positions.length; i++) {
            last = positions[i] == GONE ? last : positions[i];
            positions[i] = positions[i] == GONE ? ~last : last;
        }
        return new Lane(
                http,
                cover,
                base,
                positions,
                others.isEmpty() ? null : new RuleIndex(others, http, cover),
                Arrays.copyOf(otherPositions, others.size()));
    }

    /** The first match among the policies from a position on. Allocates nothing. */
    long first(Request request, int position) {
        long found = first(base, basePositions, request, position);
        if (changed == null) {
            return found;
        }
        long other = first(changed, changedPositions, request, position);
        return found == NONE || (other != NONE && other < found) ? other : found;
    }

    /** Whether changes are indexed beside the base, rather than in it. */
    boolean isPatched() {
        return changed != null;
    }

    /** The position of the policy that matched. */
    static int position(long match) {
        return (int) (match >>> 32);
    }

    /** The index of the rule that matched. */
    static int rule(long match) {
        return (int) match;
    }

    private static long first(RuleIndex index, int[] positions, Request request, int position) {
        int policy = position == 0 ? 0 : firstAt(positions, position);
        int rule = index.first(request, index.start(policy));
        while (rule >= 0) {
            policy = index.owner(rule);
            if (positions[policy] >= position && !index.policies().get(policy).hasEnded()) {
                return (long) positions[policy] << 32 | index.indexInPolicy(rule);
            }
            rule = index.first(request, index.start(policy + 1));
        }
        return NONE;
    }

    /** The first policy that stands at a position or behind it. */
    private static int firstAt(int[] positions, int position) {
        int from = 0;
        int to = positions.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            int at = positions[middle] < 0 ? ~positions[middle] : positions[middle];
            if (at < position) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
