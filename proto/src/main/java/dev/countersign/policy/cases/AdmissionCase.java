package dev.countersign.policy.cases;

/**
 * A policy, and whether it is admitted.
 *
 * @param policy a YAML document
 * @param warning whether an admitted one is admitted with a warning
 */
public record AdmissionCase(String id, String name, String policy, boolean valid, boolean warning)
        implements TestCase {

    @Override
    public String describe() {
        return "validate";
    }

    @Override
    public String expected() {
        return !valid ? "refused" : warning ? "accepted with a warning" : "accepted";
    }
}
