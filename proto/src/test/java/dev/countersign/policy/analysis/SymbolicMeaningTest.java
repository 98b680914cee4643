package dev.countersign.policy.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.Decision;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Request;
import dev.countersign.policy.Workload;
import dev.countersign.policy.WorkloadPolicies;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.text.Automata;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sets and the engine are two statements of one meaning. */
class SymbolicMeaningTest {

    private static final Workload ORDERS = new Workload("a", "orders", Map.of("app", "orders"));
    private static final int MESHES = Integer.getInteger("countersign.analysis.meshes", 400);
    private static final int REQUESTS = 60;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aRequestIsInTheAllowedSetExactlyIfTheEngineAllowsIt(long seed) {
        RandomPolicies words = new RandomPolicies(new Random(seed));
        Automata automata = new Automata();
        int allowed = 0;
        int decided = 0;
        for (int i = 0; i < MESHES; i++) {
            MeshSettings mesh = words.mesh();
            List<AuthorizationPolicy> policies = words.policies();
            SymbolicPolicies set =
                    new SymbolicPolicies.Compiler(
                                    mesh, RandomPolicies.NOW, new Space(mesh, automata))
                            .compile(policies);
            WorkloadPolicies engine = set.engine().forWorkload(ORDERS);
            Region http = set.forWorkload(ORDERS).allowed(true, Region.EVERYTHING);
            Region tcp = set.forWorkload(ORDERS).allowed(false, Region.EVERYTHING);
            for (int j = 0; j < REQUESTS; j++) {
                Request request = words.request();
                ProviderAnswers answers = words.answers();
                Decision decision = engine.decide(request, answers);
                RequestPoint point =
                        new RequestPoint(request, answers, mesh.spaceDelimitedClaims());
                boolean member = point.isIn(request.isHttp() ? http : tcp);
                if (member != decision.allowed()) {
                    assertThat(member)
                            .as(
                                    "%s%n%s%n%s claims %s%n%s",
                                    mesh, policies, request, request.jwtClaims(), decision)
                            .isEqualTo(decision.allowed());
                }
                allowed += decision.allowed() ? 1 : 0;
                decided++;
            }
        }

        assertThat(decided).isEqualTo(MESHES * REQUESTS);
        assertThat(allowed).as("both answers are met").isBetween(decided / 20, decided * 19 / 20);
    }
}
