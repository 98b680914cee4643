package dev.countersign.policy.cases;

import java.util.List;

/** What running one case came to. */
public sealed interface CaseResult {

    /** The case that was run. */
    PolicyCase subject();

    /** What was decided, in the words of the table, with what decided it. */
    String got();

    /** Every data plane decided as expected. */
    record Passed(PolicyCase subject, String got) implements CaseResult {}

    /** A data plane decided otherwise. */
    record Failed(PolicyCase subject, String got) implements CaseResult {}

    /** The policies cannot be read. */
    record Unreadable(PolicyCase subject, List<String> problems) implements CaseResult {
        public Unreadable {
            problems = List.copyOf(problems);
        }

        @Override
        public String got() {
            return "policies refused: " + String.join("; ", problems);
        }
    }
}
