package dev.countersign.policy;

import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How policies are compiled and indexed.
 *
 * @param clock tells when a policy has ended; null: an ALLOW that has an end counts as ended and
 *     anything else that has one as in force
 * @param finish what becomes of a compiled rule: itself, unless a test breaks it on purpose
 * @param cover what a rule needs of a request: {@link Cover#of}, unless a test breaks it on purpose
 */
record PolicyCompiler(
        MeshSettings mesh,
        DataPlane dataPlane,
        @Nullable InstantSource clock,
        UnaryOperator<CompiledRule> finish,
        Function<CompiledRule, Map<Facet, List<Key>>> cover) {

    PolicyCompiler(MeshSettings mesh, DataPlane dataPlane, @Nullable InstantSource clock) {
        this(mesh, dataPlane, clock, UnaryOperator.identity(), Cover::of);
    }

    /** The same without an index: every rule is tried. For a set that is asked once. */
    PolicyCompiler unindexed() {
        return new PolicyCompiler(mesh, dataPlane, clock, finish, rule -> Map.of());
    }

    CompiledPolicy compile(AuthorizationPolicy policy) {
        return new CompiledPolicy(policy, this);
    }
}
