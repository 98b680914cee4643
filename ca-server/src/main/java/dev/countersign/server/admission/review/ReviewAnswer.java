package dev.countersign.server.admission.review;

import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;

/** What the API server is told. */
public sealed interface ReviewAnswer {
    /** For whoever sent the object; shown by kubectl, cut by the API server when long. */
    List<String> warnings();

    /** It may be as it is. */
    record Allowed(List<String> warnings) implements ReviewAnswer {
        public Allowed {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * It may be, changed.
     *
     * @param patch RFC 6902, at least one operation
     */
    record Patched(ArrayNode patch, List<String> warnings) implements ReviewAnswer {
        public Patched {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * It may not be.
     *
     * @param reason a stable code
     * @param message value and expectation, for people
     * @param warnings what else was noticed
     */
    record Refused(String reason, String message, List<String> warnings) implements ReviewAnswer {
        public Refused {
            warnings = List.copyOf(warnings);
        }
    }

    static ReviewAnswer allowed() {
        return new Allowed(List.of());
    }

    static ReviewAnswer refused(String reason, String message) {
        return new Refused(reason, message, List.of());
    }
}
