package dev.countersign.deploy.bench;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.WorkloadPolicies;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From policies as written to what decides: all of them, and all but one of them known. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PolicyChanges {

    @Param("10000")
    public int rules;

    private List<AuthorizationPolicy> policies = List.of();
    private PolicySet set = PolicySet.empty(PolicySamples.MESH);
    private WorkloadPolicies decides = set.forWorkload(PolicySamples.ORDERS);
    private int changes;

    @Setup
    public void compile() {
        policies = new ArrayList<>(PolicySamples.many(rules));
        set = PolicySet.of(1, PolicySamples.MESH, policies, Clock.systemUTC());
        decides = set.forWorkload(PolicySamples.ORDERS);
    }

    @Benchmark
    public WorkloadPolicies compileAll() {
        return PolicySet.of(1, PolicySamples.MESH, policies, Clock.systemUTC())
                .forWorkload(PolicySamples.ORDERS);
    }

    /** Each time another policy is changed, so that the changes add up until all is indexed anew. */
    @Benchmark
    public WorkloadPolicies changeOne() {
        changes++;
        int number = changes * 7 % policies.size();
        policies.set(number, PolicySamples.many(number, changes));
        set = set.successor(changes + 1, PolicySamples.MESH, policies);
        decides = set.forWorkload(PolicySamples.ORDERS, decides);
        return decides;
    }
}
