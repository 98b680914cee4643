package dev.countersign.policy.analysis;

import dev.countersign.policy.AuthorizationPolicy;
import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.Workload;
import dev.countersign.policy.analysis.text.Automata;
import dev.countersign.policy.parse.PolicyParser;
import dev.countersign.policy.parse.PolicyRefused;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Policies of namespace shop in a few words, and sets of them. */
final class Written {

    static final MeshSettings MESH = MeshSettings.countersign("countersign-system", "td");

    private final SymbolicPolicies.Compiler compiler;

    Written(MeshSettings mesh) {
        this.compiler =
                new SymbolicPolicies.Compiler(
                        mesh, RandomPolicies.NOW, new Space(mesh, new Automata()));
    }

    /** Each text is {@code ACTION name} and a spec in flow style without its braces. */
    SymbolicPolicies set(String... texts) throws PolicyRefused {
        List<AuthorizationPolicy> policies = new ArrayList<>();
        for (String text : texts) {
            policies.add(policy(text));
        }
        return compiler.compile(policies);
    }

    static AuthorizationPolicy policy(String text) throws PolicyRefused {
        String[] words = text.split(" ", 3);
        String yaml =
                """
                apiVersion: countersign.dev/v1
                kind: AuthorizationPolicy
                metadata: {name: %s, namespace: %s}
                spec: {action: %s, %s}
                """
                        .formatted(
                                words[1].substring(words[1].indexOf('/') + 1),
                                words[1].substring(0, Math.max(words[1].indexOf('/'), 0)),
                                words[0],
                                words[2]);
        return PolicyParser.parse("test", yaml.getBytes(StandardCharsets.UTF_8))
                .policies()
                .getFirst();
    }

    static Destination workload(String namespace, String account) {
        return new Destination(
                namespace + "/" + account,
                new Workload(namespace, account, Map.of("app", account)),
                List.of(),
                false);
    }
}
