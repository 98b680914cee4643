package dev.countersign.policy.cases;

import dev.countersign.policy.PathNormalizer;
import org.jspecify.annotations.Nullable;

/**
 * A path and its normal form.
 *
 * @param input as a client sends it
 * @param output as it is matched and forwarded; null: answered with 400
 */
public record PathCase(
        String id, String name, PathNormalizer.Mode mode, String input, @Nullable String output)
        implements TestCase {

    @Override
    public String describe() {
        return mode + " " + input;
    }

    @Override
    public String expected() {
        return output == null ? "400" : output;
    }
}
