package dev.countersign.server.kubernetes.governance;

/** What is written in {@code spec} cannot be meant. */
final class SpecRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;

    SpecRefused(String code, String path, String value, String expected) {
        super(path + ": " + value + " (expected: " + expected + ")", null, false, false);
        this.code = code;
    }

    /** Stable. */
    String code() {
        return code;
    }
}
