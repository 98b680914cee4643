package dev.countersign.policy.analysis.text;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A set of strings: what an automaton accepts, but for finitely many exceptions.
 *
 * <p>Most written values are literals. As exceptions they cost a comparison each, and automata are
 * built for what has a {@code *} only.
 */
public final class Language {

    private final Automaton base;
    private final SortedSet<String> exceptions;

    Language(Automaton base, SortedSet<String> exceptions) {
        this.base = base;
        this.exceptions = Collections.unmodifiableSortedSet(exceptions);
    }

    /** Few strings, or all but few, are exceptions of the simplest automata. */
    static Language normalized(Automaton base, SortedSet<String> exceptions) {
        if (base.isEmpty() || base.isEverything()) {
            return new Language(base, exceptions);
        }
        List<String> words = base.words();
        if (words != null) {
            return new Language(base.home.empty(), toggled(exceptions, words));
        }
        List<String> missing = base.missing();
        return missing == null
                ? new Language(base, exceptions)
                : new Language(base.home.everyWord(), toggled(exceptions, missing));
    }

    private static SortedSet<String> toggled(SortedSet<String> set, List<String> words) {
        SortedSet<String> all = new TreeSet<>(set);
        for (String word : words) {
            if (!all.remove(word)) {
                all.add(word);
            }
        }
        return all;
    }

    public boolean contains(String text) {
        return base.matches(text) != exceptions.contains(text);
    }

    public boolean isEmpty() {
        if (base.isEmpty()) {
            return exceptions.isEmpty();
        }
        // More strings than exceptions: some are left.
        return exceptions.size() > Automaton.FEW && whole().isEmpty();
    }

    public boolean isEverything() {
        return base.isEverything() && exceptions.isEmpty();
    }

    public Language and(Language other) {
        if (isEverything() || other.isEmpty()) {
            return other;
        }
        if (other.isEverything() || isEmpty() || equals(other)) {
            return this;
        }
        return combine(SetOperation.AND, other);
    }

    public Language or(Language other) {
        if (isEmpty() || other.isEmpty()) {
            return isEmpty() ? other : this;
        }
        return combine(SetOperation.OR, other);
    }

    public Language minus(Language other) {
        if (isEmpty() || other.isEmpty()) {
            return this;
        }
        return combine(SetOperation.MINUS, other);
    }

    public Language complement() {
        return base.home.everything().minus(this);
    }

    /** Whether both have a string in common; cheaper than to build what they have in common. */
    public boolean overlaps(Language other) {
        if (isEverything() || other.isEverything()) {
            return !isEmpty() && !other.isEmpty();
        }
        if (base.isEmpty()) {
            return exceptions.stream().anyMatch(other::contains);
        }
        if (other.base.isEmpty()) {
            return other.exceptions.stream().anyMatch(this::contains);
        }
        return !and(other).isEmpty();
    }

    public boolean isWithin(Language other) {
        if (other.isEverything() || equals(other)) {
            return true;
        }
        return base.isEmpty()
                ? exceptions.stream().allMatch(other::contains)
                : minus(other).isEmpty();
    }

    /** All strings in order, where they are known to be finitely many; else null. */
    public @Nullable Collection<String> strings() {
        return base.isEmpty() ? exceptions : null;
    }

    /** All strings that are not in it, in order, where these are finitely many; else null. */
    public @Nullable Collection<String> missing() {
        return base.isEverything() ? exceptions : null;
    }

    /**
     * The first of these that is a member, else a member that was spelled out, else a shortest
     * one; null where there is none.
     */
    public @Nullable String witness(Collection<String> preferred) {
        for (String text : preferred) {
            if (contains(text)) {
                return text;
            }
        }
        String own = shortestOf(exceptions, text -> !base.matches(text));
        if (own != null) {
            return own;
        }
        String shortest = base.shortest();
        return shortest == null || !exceptions.contains(shortest) ? shortest : whole().shortest();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Language language
                && base == language.base
                && exceptions.equals(language.exceptions);
    }

    @Override
    public int hashCode() {
        return 31 * base.id + exceptions.hashCode();
    }

    private Language combine(SetOperation operation, Language other) {
        Automaton combined = base.home.combine(operation, base, other.base);
        SortedSet<String> odd = new TreeSet<>();
        addOdd(operation, combined, exceptions, other, odd);
        addOdd(operation, combined, other.exceptions, other, odd);
        return normalized(combined, odd);
    }

    private void addOdd(
            SetOperation operation,
            Automaton combined,
            SortedSet<String> candidates,
            Language other,
            SortedSet<String> odd) {
        for (String text : candidates) {
            boolean member = operation.of(contains(text), other.contains(text));
            if (member != combined.matches(text)) {
                odd.add(text);
            }
        }
    }

    private Automaton whole() {
        return base.home.combine(SetOperation.XOR, base, base.home.finite(exceptions));
    }

    private static @Nullable String shortestOf(
            Collection<String> texts, Predicate<String> eligible) {
        String best = null;
        for (String text : texts) {
            if (eligible.test(text) && (best == null || text.length() < best.length())) {
                best = text;
            }
        }
        return best;
    }
}
