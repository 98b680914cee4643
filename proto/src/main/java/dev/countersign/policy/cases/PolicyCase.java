package dev.countersign.policy.cases;

import dev.countersign.policy.DataPlane;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.ProviderAnswers;
import dev.countersign.policy.Workload;
import java.util.List;
import java.util.Map;

/**
 * One case of a table.
 *
 * @param policies YAML documents
 * @param dataPlanes each of these must decide as expected
 * @param answers of the external authorizers that the mesh knows
 * @param expectedAllowed the decision that must come of it
 */
public record PolicyCase(
        String id,
        String name,
        List<String> policies,
        CaseRequest request,
        Workload workload,
        MeshSettings mesh,
        List<DataPlane> dataPlanes,
        Map<String, ProviderAnswers.Answer> answers,
        boolean expectedAllowed) {

    public PolicyCase {
        policies = List.copyOf(policies);
        dataPlanes = List.copyOf(dataPlanes);
        answers = Map.copyOf(answers);
    }
}
