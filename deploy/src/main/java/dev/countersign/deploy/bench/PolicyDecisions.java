package dev.countersign.deploy.bench;

import dev.countersign.policy.Decision;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Request;
import dev.countersign.policy.WorkloadPolicies;
import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One decision, with {@code audited} and {@code dryRun} beside it as the agent asks for them. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PolicyDecisions {

    /** How many rules; 0: the typical set. */
    @Param({"0", "100", "1000", "10000"})
    public int rules;

    /** What is asked. */
    @Param({"HTTP_HIT", "TCP_HIT", "HTTP_MISS", "HTTP_DENY"})
    public Asked asked = Asked.HTTP_HIT;

    // Requests in turn, so that no branch is always taken as the last one was.
    private final Request[] requests = new Request[8];
    private WorkloadPolicies policies =
            PolicySet.empty(PolicySamples.MESH).forWorkload(PolicySamples.ORDERS);
    private int turn;

    /** What a request comes to. */
    public enum Asked {
        HTTP_HIT,
        TCP_HIT,
        HTTP_MISS,
        HTTP_DENY
    }

    /** Compiles, and checks that requests come to what they should. */
    @Setup
    public void compile() {
        policies =
                PolicySet.of(
                                1,
                                PolicySamples.MESH,
                                rules == 0 ? PolicySamples.typical() : PolicySamples.many(rules),
                                Clock.systemUTC())
                        .forWorkload(PolicySamples.ORDERS);
        for (int i = 0; i < requests.length; i++) {
            requests[i] = rules == 0 ? typical() : request(i);
            Decision decision = policies.decide(requests[i]);
            Decision.Reason expected = expected();
            if (decision.reason() != expected) {
                throw new IllegalStateException(decision + " (expected: " + expected + ")");
            }
        }
    }

    @Benchmark
    public int decide() {
        turn = (turn + 1) & (requests.length - 1);
        Request request = requests[turn];
        // The size of both is what an agent looks at; both are empty here.
        return policies.decide(request).ruleIndex()
                + policies.audited(request).size()
                + policies.dryRun(request).size();
    }

    private Request typical() {
        return switch (asked) {
            case HTTP_HIT -> PolicySamples.typicalRequest();
            case TCP_HIT -> PolicySamples.tcpRequest();
            case HTTP_MISS, HTTP_DENY -> PolicySamples.miss();
        };
    }

    private Request request(int turn) {
        int last = rules / PolicySamples.RULES_PER_POLICY;
        return switch (asked) {
            case HTTP_HIT -> PolicySamples.hit(last - 2 - turn % 8);
            case TCP_HIT -> PolicySamples.tcpHit(last - 2 - turn % 8);
            case HTTP_MISS -> PolicySamples.miss();
            case HTTP_DENY -> PolicySamples.denied(last - 1);
        };
    }

    private Decision.Reason expected() {
        return switch (asked) {
            case HTTP_HIT -> Decision.Reason.ALLOW_RULE_MATCHED;
            case TCP_HIT ->
                    rules == 0
                            ? Decision.Reason.NO_ALLOW_RULE_MATCHED
                            : Decision.Reason.ALLOW_RULE_MATCHED;
            case HTTP_MISS -> Decision.Reason.NO_ALLOW_RULE_MATCHED;
            case HTTP_DENY ->
                    rules == 0
                            ? Decision.Reason.NO_ALLOW_RULE_MATCHED
                            : Decision.Reason.DENY_RULE_MATCHED;
        };
    }
}
