package dev.countersign.runtime;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that is not used: every problem at once. */
public final class ConfigRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<ConfigProblem> problems;

    public ConfigRefused(String file, List<ConfigProblem> problems) {
        super(
                problems.stream()
                        .map(problem -> "  " + problem)
                        .collect(
                                Collectors.joining(
                                        "\n", file + ": " + count(problems) + "\n", "")));
        this.problems = List.copyOf(problems);
    }

    /** At least one. */
    public List<ConfigProblem> problems() {
        return problems;
    }

    private static String count(List<ConfigProblem> problems) {
        return problems.size() == 1 ? "1 problem" : problems.size() + " problems";
    }
}
