package dev.countersign.policy.reference;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Condition;
import dev.countersign.policy.Operation;
import dev.countersign.policy.Rule;
import dev.countersign.policy.Source;
import dev.countersign.policy.reference.PolicyText.Parts;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.stream.Stream;

/** Leaves out of a world and a request whatever a difference does not need. */
public final class Shrinker {

    private final BiPredicate<World, Asked> differs;

    public Shrinker(BiPredicate<World, Asked> differs) {
        this.differs = differs;
    }

    /** A case that differs, and from which nothing more can be left out. */
    public Case shrink(World world, Asked asked) {
        Case smallest = new Case(world, asked);
        while (true) {
            Case now = smallest;
            Case next =
                    Stream.concat(
                                    worlds(now.world()).map(one -> new Case(one, now.asked())),
                                    now.asked().smaller().stream()
                                            .map(one -> new Case(now.world(), one)))
                            .filter(one -> differs.test(one.world(), one.asked()))
                            .findFirst()
                            .orElse(null);
            if (next == null) {
                return smallest;
            }
            smallest = next;
        }
    }

    private static Stream<World> worlds(World world) {
        return less(world.policies(), Shrinker::policies).map(world::with);
    }

    private static Stream<AuthorizationPolicy> policies(AuthorizationPolicy policy) {
        return less(policy.rules(), Shrinker::rules).map(rules -> with(policy, rules));
    }

    private static Stream<Rule> rules(Rule rule) {
        return Stream.of(
                        Stream.of(new Rule(rule.from(), rule.to(), rule.when(), null))
                                .filter(one -> rule.expression() != null),
                        less(rule.from(), one -> fields(Parts.of(one)).map(Parts::source))
                                .map(from -> with(rule, from, rule.to(), rule.when())),
                        less(rule.to(), one -> fields(Parts.of(one)).map(Parts::operation))
                                .map(to -> with(rule, rule.from(), to, rule.when())),
                        less(rule.when(), one -> Stream.<Condition>empty())
                                .map(when -> with(rule, rule.from(), rule.to(), when)))
                .flatMap(one -> one);
    }

    private static Rule with(
            Rule rule, List<Source> from, List<Operation> to, List<Condition> when) {
        return new Rule(from, to, when, rule.expression(), rule.checked());
    }

    private static Stream<List<List<String>>> fields(List<List<String>> fields) {
        return Stream.iterate(0, i -> i < fields.size(), i -> i + 1)
                .flatMap(i ->
                        less(fields.get(i), value -> Stream.empty())
                                .map(values -> replaced(fields, i, values)));
    }

    /** The list without one of its elements, then with one of them made smaller. */
    private static <T> Stream<List<T>> less(List<T> list, Function<T, Stream<T>> smaller) {
        Stream<List<T>> shorter =
                Stream.iterate(0, i -> i < list.size(), i -> i + 1).map(i -> without(list, i));
        Stream<List<T>> changed =
                Stream.iterate(0, i -> i < list.size(), i -> i + 1)
                        .flatMap(
                                i -> smaller.apply(list.get(i)).map(one -> replaced(list, i, one)));
        return Stream.concat(shorter, changed);
    }

    private static <T> List<T> without(List<T> list, int index) {
        List<T> less = new ArrayList<>(list);
        less.remove(index);
        return less;
    }

    private static <T> List<T> replaced(List<T> list, int index, T value) {
        List<T> changed = new ArrayList<>(list);
        changed.set(index, value);
        return changed;
    }

    private static AuthorizationPolicy with(AuthorizationPolicy policy, List<Rule> rules) {
        return new AuthorizationPolicy(
                policy.group(),
                policy.namespace(),
                policy.name(),
                policy.action(),
                policy.mode(),
                policy.selector(),
                policy.targetRefs(),
                policy.provider(),
                rules,
                policy.validUntil());
    }

    /** What is left. */
    public record Case(World world, Asked asked) {
        @Override
        public String toString() {
            return world + "\n=== asked\n" + asked;
        }
    }
}
