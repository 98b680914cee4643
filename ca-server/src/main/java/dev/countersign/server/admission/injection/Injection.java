package dev.countersign.server.admission.injection;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What became of a pod; {@link InjectionRefused} is the third way. */
public sealed interface Injection {
    /** It stays as it is. */
    record Unchanged(InjectionDecision.Why why, List<String> warnings) implements Injection {
        public Unchanged {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * It has an agent.
     *
     * @param patch RFC 6902
     * @param pod the pod with the patch in it
     */
    record Injected(ArrayNode patch, ObjectNode pod, List<String> warnings) implements Injection {
        public Injected {
            warnings = List.copyOf(warnings);
        }
    }
}
