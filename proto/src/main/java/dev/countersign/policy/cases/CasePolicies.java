package dev.countersign.policy.cases;

import dev.countersign.policy.AuthorizationPolicy;
import java.util.List;

/** The policies of a case, read once for all cases that share them. */
public sealed interface CasePolicies {

    /** They can be used. */
    record Read(List<AuthorizationPolicy> policies) implements CasePolicies {
        public Read {
            policies = List.copyOf(policies);
        }
    }

    /** They cannot, and so every case that uses them fails. */
    record Refused(List<String> problems) implements CasePolicies {
        public Refused {
            problems = List.copyOf(problems);
        }
    }
}
