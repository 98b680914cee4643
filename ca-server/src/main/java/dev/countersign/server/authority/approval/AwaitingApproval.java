package dev.countersign.server.authority.approval;

import java.util.List;

/** A step waits for approvals. The message says which command gives one. */
public final class AwaitingApproval extends Exception {
    private static final long serialVersionUID = 1L;

    private final String digest;
    private final int required;
    private final transient List<String> given;

    AwaitingApproval(Step step, String digest, int required, List<String> given) {
        super(
                step.kind().text()
                        + ": approved by "
                        + given.size()
                        + " "
                        + given
                        + " (expected: "
                        + required
                        + "; each: countersign root approve --step "
                        + digest
                        + " --name NAME --key FILE)",
                null,
                false,
                false);
        this.digest = digest;
        this.required = required;
        this.given = List.copyOf(given);
    }

    /** Lower-case hex SHA-256: what operators sign. */
    public String digest() {
        return digest;
    }

    public int required() {
        return required;
    }

    /** Names of those who have approved, sorted. */
    public List<String> given() {
        return given;
    }
}
