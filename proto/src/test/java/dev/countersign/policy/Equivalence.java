package dev.countersign.policy;

import dev.countersign.policy.reference.Asked;
import dev.countersign.policy.reference.ReferencePolicies;
import dev.countersign.policy.reference.Shrinker;
import dev.countersign.policy.reference.World;
import dev.countersign.policy.reference.Worlds;
import dev.countersign.testing.Cases;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/** Runs the engine and the reference side by side, over generated worlds and requests. */
final class Equivalence {

    private static final int REQUESTS_PER_WORLD = 40;

    private final UnaryOperator<PolicyCompiler> tamper;
    private final BiConsumer<WorkloadPolicies, Asked> visitor;

    /**
     * @param tamper breaks the engine on purpose
     * @param visitor sees every pair that was compared
     */
    Equivalence(UnaryOperator<PolicyCompiler> tamper, BiConsumer<WorkloadPolicies, Asked> visitor) {
        this.tamper = tamper;
        this.visitor = visitor;
    }

    /** The first difference, made small; empty if that many pairs showed none. */
    Optional<Shrinker.Case> firstDifference(long seed, int pairs) {
        Worlds worlds = new Worlds(new Cases(seed));
        int left = pairs;
        while (left > 0) {
            World world = worlds.world();
            PolicySet set = set(world);
            WorkloadPolicies policies = set.forWorkload(world.workload());
            // A world, then what becomes of it by small changes.
            for (int change = 0; change < 3 && left > 0; change++) {
                if (change > 0) {
                    world = worlds.changed(world);
                    set = set.successor(change, world.mesh(), world.policies());
                    policies = set.forWorkload(world.workload(), policies);
                }
                ReferencePolicies reference = world.reference(change);
                for (int i = 0; i < REQUESTS_PER_WORLD && left > 0; i++, left--) {
                    Asked asked = worlds.asked();
                    if (differs(policies, reference, asked)) {
                        return Optional.of(shrunk(world, asked));
                    }
                    visitor.accept(policies, asked);
                }
            }
        }
        return Optional.empty();
    }

    private PolicySet set(World world) {
        PolicyCompiler compiler =
                new PolicyCompiler(world.mesh(), world.dataPlane(), world.clock());
        return PolicySet.of(0, tamper.apply(compiler), world.policies());
    }

    /** A difference that only a succession of sets shows is reported as it is. */
    private Shrinker.Case shrunk(World world, Asked asked) {
        return differsAfresh(world, asked)
                ? new Shrinker(this::differsAfresh).shrink(world, asked)
                : new Shrinker.Case(world, asked);
    }

    private boolean differsAfresh(World world, Asked asked) {
        return differs(set(world).forWorkload(world.workload()), world.reference(0), asked);
    }

    private static boolean differs(
            WorkloadPolicies policies, ReferencePolicies reference, Asked asked) {
        return !ofEngine(policies, asked).equals(ofReference(reference, asked));
    }

    static Answers ofEngine(WorkloadPolicies policies, Asked asked) {
        Request request = asked.request();
        return new Answers(
                policies.decide(request, asked.providers()),
                policies.providersToAsk(request),
                policies.audited(request),
                policies.dryRun(request));
    }

    static Answers ofReference(ReferencePolicies policies, Asked asked) {
        Request request = asked.request();
        return new Answers(
                policies.decide(request, asked.providers()),
                policies.providersToAsk(request),
                policies.audited(request),
                policies.dryRun(request));
    }

    /** Everything that can be asked of policies about a request. */
    record Answers(
            Decision decision,
            Set<String> providers,
            List<Decision> audited,
            List<Decision> dryRun) {
        Answers {
            audited = new ArrayList<>(audited);
            dryRun = new ArrayList<>(dryRun);
        }
    }
}
