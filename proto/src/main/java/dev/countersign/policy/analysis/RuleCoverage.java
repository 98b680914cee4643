package dev.countersign.policy.analysis;

import dev.countersign.policy.analysis.region.Region;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which of some rules of one action could be taken away without a change, at one destination.
 *
 * <p>Rules are looked at from the last to the first, and one that is covered no longer counts as
 * cover for others: so of two equal rules the later one is named, and never both.
 */
final class RuleCoverage {

    private static final int MOST_NAMED = 3;

    private final Space space;
    private final List<SymbolicRule> rules;
    private final Map<Boolean, Region> occurring;
    private final Map<SymbolicRule, Map<Boolean, Region>> regions = new HashMap<>();

    RuleCoverage(Space space, List<SymbolicRule> rules, Map<Boolean, Region> occurring) {
        this.space = space;
        this.rules = rules;
        this.occurring = occurring;
        for (SymbolicRule rule : rules) {
            Map<Boolean, Region> both = new HashMap<>();
            occurring.forEach((http, all) ->
                    both.put(
                            http,
                            all.equals(space.occurring(http))
                                    ? rule.occurring(http)
                                    : rule.occurring(http).and(all)));
            regions.put(rule, both);
        }
    }

    /** What a rule matches here, of the requests that can occur. */
    Region region(SymbolicRule rule, boolean http) {
        return regions.getOrDefault(rule, Map.of()).getOrDefault(http, Region.NOTHING);
    }

    /** Whether no request matches. */
    boolean isEmpty(SymbolicRule rule) {
        return occurring.keySet().stream().allMatch(http -> region(rule, http).isEmpty());
    }

    /** For each covered rule those that cover it; rules that match nothing are left out. */
    Map<SymbolicRule, List<SymbolicRule>> covered() {
        List<SymbolicRule> counting =
                new ArrayList<>(rules.stream().filter(rule -> !isEmpty(rule)).toList());
        Map<SymbolicRule, List<SymbolicRule>> covered = new HashMap<>();
        for (SymbolicRule rule : List.copyOf(counting).reversed()) {
            List<SymbolicRule> others =
                    counting.stream()
                            .filter(other -> !other.equals(rule) && meets(rule, other))
                            .toList();
            Optional<List<SymbolicRule>> cover = coverOf(rule, others);
            if (cover.isPresent()) {
                covered.put(rule, cover.get());
                counting.remove(rule);
            }
        }
        return covered;
    }

    /** Whether these regions together hold all that a rule matches. */
    boolean isWithin(SymbolicRule rule, Map<Boolean, Region> others) {
        for (boolean http : occurring.keySet()) {
            if (!space.isWithin(region(rule, http), others.getOrDefault(http, Region.NOTHING))) {
                return false;
            }
        }
        return true;
    }

    private Optional<List<SymbolicRule>> coverOf(SymbolicRule rule, List<SymbolicRule> others) {
        for (SymbolicRule other : others) {
            if (isWithin(rule, regions.getOrDefault(other, Map.of()))) {
                return Optional.of(List.of(other));
            }
        }
        if (others.size() < 2) {
            return Optional.empty();
        }
        Map<Boolean, Region> together = new HashMap<>();
        for (boolean http : occurring.keySet()) {
            Region all = Region.NOTHING;
            for (SymbolicRule other : others) {
                all = all.or(region(other, http));
            }
            together.put(http, all);
        }
        return isWithin(rule, together)
                ? Optional.of(others.subList(0, Math.min(MOST_NAMED, others.size())))
                : Optional.empty();
    }

    private boolean meets(SymbolicRule rule, SymbolicRule other) {
        for (boolean http : occurring.keySet()) {
            if (region(rule, http).overlaps(region(other, http))) {
                return true;
            }
        }
        return false;
    }
}
