package dev.countersign.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.countersign.policy.reference.ReferencePolicies;
import dev.countersign.testing.Cases;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Thousands of rules: more than one summary of an index holds. */
class ManyRulesTest {

    private static final int RULES = 9_000;
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

    private final Cases cases = new Cases(7);
    private final ManyRules many = new ManyRules(cases, RULES);

    @Test
    void theFirstRuleThatMatchesDecidesHoweverManyThereAre() {
        List<AuthorizationPolicy> policies = many.policies();
        WorkloadPolicies engine = set(policies).forWorkload(ManyRules.WORKLOAD);
        ReferencePolicies reference = reference(0, policies);
        Set<Decision.Reason> reasons = EnumSet.noneOf(Decision.Reason.class);

        for (int i = 0; i < 150; i++) {
            Request request = many.request();
            Decision decision = engine.decide(request);
            reasons.add(decision.reason());

            assertThat(decision)
                    .as(request.toString())
                    .isEqualTo(reference.decide(request, ProviderAnswers.NONE));
        }
        assertThat(reasons)
                .containsExactlyInAnyOrder(
                        Decision.Reason.ALLOW_RULE_MATCHED,
                        Decision.Reason.DENY_RULE_MATCHED,
                        Decision.Reason.NO_ALLOW_RULE_MATCHED);
    }

    @Test
    void aChangeIsIndexedBesideWhatStays() {
        List<AuthorizationPolicy> policies = new ArrayList<>(many.policies());
        PolicySet set = set(policies);
        WorkloadPolicies engine = set.forWorkload(ManyRules.WORKLOAD);
        assertThat(engine.enforced().http().isPatched()).isFalse();

        for (int change = 1; change <= 6; change++) {
            change(policies, change);
            set = set.successor(change, ManyRules.MESH, policies);
            engine = set.forWorkload(ManyRules.WORKLOAD, engine);

            assertThat(engine.enforced().http().isPatched()).isTrue();
            assertThat(set.policies()).isEqualTo(policies);
            agrees(engine, reference(change, policies));
        }
    }

    @Test
    void tooManyChangesAndAnotherOrderAreIndexedAfresh() {
        List<AuthorizationPolicy> policies = new ArrayList<>(many.policies());
        PolicySet set = set(policies);
        WorkloadPolicies engine = set.forWorkload(ManyRules.WORKLOAD);

        for (int i = 0; i < 400; i++) {
            policies.set(i, many.policy(i, i, RULES - i));
        }
        PolicySet next = set.successor(1, ManyRules.MESH, policies);
        WorkloadPolicies changed = next.forWorkload(ManyRules.WORKLOAD, engine);
        assertThat(changed.enforced().http().isPatched()).isFalse();
        agrees(changed, reference(1, policies));

        List<AuthorizationPolicy> reversed = policies.reversed();
        WorkloadPolicies turned =
                next.successor(2, ManyRules.MESH, reversed)
                        .forWorkload(ManyRules.WORKLOAD, changed);
        assertThat(turned.enforced().http().isPatched()).isFalse();
        agrees(turned, reference(2, reversed));
    }

    @Test
    void decidingAllocatesNothing() {
        WorkloadPolicies engine = set(many.policies()).forWorkload(ManyRules.WORKLOAD);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Request request = many.request();
            requests.add(request);
            requests.add(Request.tcp().port(i).sourcePrincipal(request.sourcePrincipal()).build());
        }
        decideAll(engine, requests);

        // Of a whole run, so that what a class does once when it is first used is not counted.
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 50; i++) {
            decideAll(engine, requests);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated).isLessThan(50L * requests.size());
    }

    private static void decideAll(WorkloadPolicies engine, List<Request> requests) {
        for (int i = 0; i < requests.size(); i++) {
            engine.decide(requests.get(i));
            engine.audited(requests.get(i));
            engine.dryRun(requests.get(i));
            engine.providersToAsk(requests.get(i));
        }
    }

    private void change(List<AuthorizationPolicy> policies, int change) {
        int at = cases.between(0, policies.size() - 1);
        switch (change % 3) {
            case 0 -> policies.remove(at);
            case 1 -> policies.set(at, many.policy(at, 0, 5));
            default -> policies.add(at, many.policy(10_000 + change, 1, 6));
        }
    }

    private void agrees(WorkloadPolicies engine, ReferencePolicies reference) {
        for (int i = 0; i < 25; i++) {
            Request request = many.request();
            assertThat(engine.decide(request))
                    .as(request.toString())
                    .isEqualTo(reference.decide(request, ProviderAnswers.NONE));
        }
    }

    private static PolicySet set(List<AuthorizationPolicy> policies) {
        return PolicySet.of(0, ManyRules.MESH, policies, CLOCK);
    }

    private static ReferencePolicies reference(long revision, List<AuthorizationPolicy> policies) {
        return new ReferencePolicies(
                revision, ManyRules.MESH, DataPlane.SIDECAR, policies, CLOCK, ManyRules.WORKLOAD);
    }
}
