package dev.countersign.policy.parse;

import dev.countersign.policy.match.PrintableText;
import java.util.Objects;

/**
 * One reason why a file is refused.
 *
 * @param file as the caller named it
 * @param line from 1; 0 where the problem is the file itself
 * @param path of the field, such as {@code spec.rules[0].from[0].source.principals[1]}; empty for
 *     the document
 * @param value what stands there, shortened and with what cannot be shown escaped; may be empty
 * @param expected what would be accepted
 */
public record Problem(
        String file, int line, String path, Code code, String value, String expected) {

    private static final int EXCERPT = 80;
    private static final int LONG_EXCERPT = 500;

    public Problem {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(code, "code");
        value = PrintableText.excerpt(value, EXCERPT);
        expected = PrintableText.excerpt(expected, LONG_EXCERPT);
        path = PrintableText.excerpt(path, LONG_EXCERPT);
    }

    /** {@code orders.yaml:12: spec.action: ALOW (expected: …) [INVALID_VALUE]} */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(file);
        text.append(line > 0 ? ":" + line : "").append(": ");
        text.append(path.isEmpty() ? "" : path + ": ");
        text.append(value.isEmpty() ? "" : value + " ");
        return text.append("(expected: ")
                .append(expected)
                .append(") [")
                .append(code)
                .append(']')
                .toString();
    }

    /** Stable names of what can be wrong. */
    public enum Code {
        FILE_TOO_LARGE,
        NOT_UTF8,
        FORBIDDEN_CHARACTER,
        SYNTAX,
        ALIAS_FORBIDDEN,
        TAG_FORBIDDEN,
        DUPLICATE_KEY,
        TOO_DEEP,
        API_VERSION_UNKNOWN,
        KIND_UNKNOWN,
        UNKNOWN_FIELD,
        WRONG_TYPE,
        MISSING,
        EMPTY,
        INVALID_VALUE,
        /** Two settings that exclude each other. */
        CONFLICT,
        /** More entries than are accepted. */
        LIMIT,
        /** A field that says nothing under this action. */
        NOT_WITH_THIS_ACTION,
        /** {@code expression} is not CEL over the known variables, is no boolean, or costs too much. */
        EXPRESSION_INVALID,
        DUPLICATE_POLICY,
        /** A workload would be left without an ALLOW that is enforced. */
        LAST_ALLOW_TO_DRY_RUN,
        /** More problems than are listed. */
        MORE
    }
}
