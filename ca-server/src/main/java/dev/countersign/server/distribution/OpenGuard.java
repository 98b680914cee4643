package dev.countersign.server.distribution;

import dev.countersign.policy.Action;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.DefaultAction;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicyMode;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Workload;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Finds workloads whose last ALLOW turns into DryRun: what was meant as a look at a policy would hand
 * the workload to the mesh's default action, which lets everybody in or nobody.
 *
 * <p>Looked at are the workloads that are known, and for each policy so turned one that has just the
 * labels it selects by: such a workload may start at any time.
 */
public final class OpenGuard {
    private static final String ANY = "any";

    private final MeshSettings mesh;

    public OpenGuard(MeshSettings mesh) {
        this.mesh = mesh;
    }

    /**
     * One policy that turns, and one workload that it leaves.
     *
     * @param policy as it would be
     * @param workload without an ALLOW from then on
     * @param leftTo what decides there
     */
    public record Door(AuthorizationPolicy policy, Workload workload, DefaultAction leftTo) {
        /** In a word, for lists. */
        public String word() {
            return switch (leftTo) {
                case ALLOW -> "OPENED";
                case DENY -> "CLOSED";
            };
        }

        /** What happens at its place. */
        public String effect() {
            return switch (leftTo) {
                case ALLOW -> "everybody would be let in there";
                case DENY -> "everybody would be denied there";
            };
        }

        /** The workload, for people. */
        public String place() {
            if (!workload.serviceAccount().equals(ANY)) {
                return workload.namespace() + "/" + workload.serviceAccount();
            }
            return workload.labels().isEmpty()
                    ? "every workload of " + workload.namespace()
                    : "workloads of " + workload.namespace() + " with " + workload.labels();
        }
    }

    /**
     * What would be left open.
     *
     * @param before what was enforced until now
     * @param mayOpen of which it is accepted
     */
    public List<Door> doors(
            List<EnforcedAllow> before,
            List<AuthorizationPolicy> next,
            Collection<AuthorizationPolicy> mayOpen,
            Collection<Workload> known) {
        List<AuthorizationPolicy> turned =
                next.stream()
                        .filter(policy -> !mayOpen.contains(policy))
                        .filter(policy -> before.stream().anyMatch(one -> isTurned(one, policy)))
                        .toList();
        if (turned.isEmpty()) {
            return List.of();
        }
        PolicySet old =
                PolicySet.of(0, mesh, before.stream().map(EnforcedAllow::asPolicy).toList());
        PolicySet after = PolicySet.of(1, mesh, next);
        List<Door> doors = new ArrayList<>();
        for (AuthorizationPolicy policy : turned) {
            workloads(policy, known).stream()
                    .filter(one -> allowedBy(policy, one, old))
                    .filter(one -> after.applicableTo(one).stream().noneMatch(EnforcedAllow::is))
                    .findFirst()
                    .ifPresent(one -> doors.add(new Door(policy, one, mesh.defaultAction())));
        }
        return doors;
    }

    /** Why a set is kept out, by its first door; empty where it has none. */
    static Optional<String> refusal(List<Door> doors) {
        return doors.stream()
                .findFirst()
                .map(door ->
                        "LAST_ALLOW_TO_DRY_RUN: "
                                + door.policy().id()
                                + ": spec.mode: DryRun (expected: Enforce, for it is the last"
                                + " ALLOW of "
                                + door.place()
                                + ", and "
                                + door.effect()
                                + "; add another ALLOW beside it, or annotate it with"
                                + " countersign.dev/allow-open: \"true\", or set"
                                + " policies.allowOpen: true at the server)");
    }

    private static boolean isTurned(EnforcedAllow before, AuthorizationPolicy policy) {
        return before.group() == policy.group()
                && before.id().equals(policy.id())
                && policy.action() == Action.ALLOW
                && policy.mode() == PolicyMode.DRY_RUN;
    }

    private static boolean allowedBy(AuthorizationPolicy turned, Workload workload, PolicySet old) {
        return old.applicableTo(workload).stream()
                .anyMatch(one -> one.group() == turned.group() && one.id().equals(turned.id()));
    }

    private static List<Workload> workloads(
            AuthorizationPolicy policy, Collection<Workload> known) {
        List<Workload> workloads = new ArrayList<>(known);
        workloads.add(new Workload(policy.namespace(), ANY, policy.selector()));
        return workloads;
    }
}
