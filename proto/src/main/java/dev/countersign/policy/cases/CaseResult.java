package dev.countersign.policy.cases;

import java.util.List;

/** What running one case came to. */
public sealed interface CaseResult {

    /** The case that was run. */
    TestCase subject();

    /** What came of it, in the words of the table, with what decided it. */
    String got();

    /** Came out as expected. */
    record Passed(TestCase subject, String got) implements CaseResult {}

    /** Came out otherwise. */
    record Failed(TestCase subject, String got) implements CaseResult {}

    /** The policies cannot be read. */
    record Unreadable(TestCase subject, List<String> problems) implements CaseResult {
        public Unreadable {
            problems = List.copyOf(problems);
        }

        @Override
        public String got() {
            return "policies refused: " + String.join("; ", problems);
        }
    }
}
