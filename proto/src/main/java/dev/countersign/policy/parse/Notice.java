package dev.countersign.policy.parse;

/**
 * Something accepted that may not mean what its author thinks.
 *
 * @param code stable name of the trap, such as {@code DENY_WIDENED_ON_TCP}
 * @param line from 1
 * @param path of the field
 * @param message what happens, in one sentence
 */
public record Notice(String file, int line, String path, String code, String message) {

    /** {@code orders.yaml:12: spec.selector: … [SELECTOR_EMPTY]} */
    @Override
    public String toString() {
        return file + ":" + line + ": " + path + ": " + message + " [" + code + "]";
    }
}
