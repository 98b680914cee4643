package dev.countersign.policy.cases;

import dev.countersign.policy.DataPlane;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Workload;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request to a workload under policies, and the decision that must come of it.
 *
 * @param dataPlanes each of these must decide as expected
 * @param answers of the external authorizers that the mesh knows
 * @param at when the request comes, for policies that end; null: now
 */
public record PolicyCase(
        String id,
        String name,
        CasePolicies policies,
        CaseRequest request,
        Workload workload,
        MeshSettings mesh,
        List<DataPlane> dataPlanes,
        Map<String, ProviderAnswers.Answer> answers,
        Expectation expectation,
        @Nullable Instant at)
        implements TestCase {

    public PolicyCase {
        dataPlanes = List.copyOf(dataPlanes);
        answers = Map.copyOf(answers);
    }

    @Override
    public String describe() {
        return request.describe();
    }

    @Override
    public String expected() {
        return expectation.describe();
    }
}
