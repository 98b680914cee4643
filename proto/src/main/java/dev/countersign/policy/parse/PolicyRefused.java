package dev.countersign.policy.parse;

import java.util.List;
import java.util.stream.Collectors;

/** A file is not accepted, for every reason at once. */
public final class PolicyRefused extends Exception {

    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    /** At least one problem. */
    public PolicyRefused(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** In the order of the file. */
    public List<Problem> problems() {
        return problems;
    }
}
