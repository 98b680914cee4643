package dev.countersign.server.lint;

import java.util.List;

/** A certificate that broke a rule of ours: a bug or a hostile input that came too far. */
public final class LintRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> findings;

    public LintRefused(List<String> findings) {
        super("lint: " + String.join("; ", findings));
        this.findings = List.copyOf(findings);
    }

    /** {@code rule-name: value (expected: …)}, at least one. */
    public List<String> findings() {
        return findings;
    }
}
