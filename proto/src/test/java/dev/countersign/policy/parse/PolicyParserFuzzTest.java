package dev.countersign.policy.parse;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.PolicySet;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import java.util.List;
import java.util.Map;

/**
 * Whatever the bytes: a list of problems, or policies that can be compiled and decide. Runs the
 * seeds as ordinary tests; {@code JAZZER_FUZZ=1} searches on.
 */
class PolicyParserFuzzTest {

    private static final Request REQUEST =
            Request.http().port(80).method("GET").host("h").path("/a/b").build();

    @FuzzTest(maxDuration = "20s")
    void endsInProblemsOrInPoliciesThatDecide(byte[] content) {
        try {
            List<AuthorizationPolicy> policies =
                    PolicyParser.parse("fuzz.yaml", content).policies();
            for (MeshSettings mesh :
                    List.of(MeshSettings.countersign("r", "td"), MeshSettings.istio("r", "td"))) {
                PolicySet set = PolicySet.of(1, mesh, policies);
                for (AuthorizationPolicy policy : policies) {
                    Workload workload =
                            new Workload(policy.namespace(), "sa", Map.copyOf(policy.selector()));
                    assertThat(set.explain(workload, REQUEST).decision().revision()).isOne();
                }
            }
        } catch (PolicyRefused refused) {
            assertThat(refused.problems()).isNotEmpty().hasSizeLessThanOrEqualTo(202);
            assertThat(refused.toString().chars().filter(c -> c < ' ' && c != '\n')).isEmpty();
        }
    }
}
