package dev.countersign.runtime;

/**
 * One thing that is wrong with a configuration. Never holds a secret.
 *
 * @param path of the key, for instance {@code listeners.inbound[1].target}
 * @param value as written, cut; {@code "missing"} when there is none
 * @param expectation what would be right, or a question: "did you mean store.url?"
 */
public record ConfigProblem(String path, String value, String expectation) {
    @Override
    public String toString() {
        String hint = expectation.endsWith("?") ? expectation : "expected: " + expectation;
        return path + ": " + value + " (" + hint + ")";
    }
}
