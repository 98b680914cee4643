package dev.countersign.policy.parse;

import dev.countersign.policy.match.PrintableText;

/**
 * Something accepted that may not mean what its author thinks.
 *
 * @param code stable name of the trap, such as {@code DENY_WIDENED_ON_TCP}
 * @param line from 1
 * @param path of the field
 * @param value what stands there, shortened; empty where it is the field as a whole
 * @param message what happens and what was to be expected, in one sentence
 */
public record Notice(
        String file, int line, String path, String code, String value, String message) {
    private static final int EXCERPT = 80;

    public Notice {
        value = PrintableText.excerpt(value, EXCERPT);
    }

    /** {@code orders.yaml:12: spec.selector: … [SELECTOR_EMPTY]} */
    @Override
    public String toString() {
        String place = line > 0 ? file + ":" + line : file;
        String where = path.isEmpty() ? "" : path + ": ";
        String shown = value.isEmpty() ? "" : value + ": ";
        return place + ": " + where + shown + message + " [" + code + "]";
    }
}
