package dev.countersign.policy.parse;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects the problems of one file, as many as a person can use. */
final class Report {

    private static final int LIMIT = 100;

    private final String file;
    private final List<Problem> problems = new ArrayList<>();
    private int dropped;

    Report(String file) {
        this.file = file;
    }

    void add(int line, String path, Problem.Code code, String value, String expected) {
        if (problems.size() < LIMIT) {
            problems.add(new Problem(file, line, path, code, value, expected));
        } else {
            dropped++;
        }
    }

    /** An empty report of the same file. */
    Report beside() {
        return new Report(file);
    }

    void addAll(Report other) {
        problems.addAll(other.problems);
        dropped += other.dropped;
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    /** In the order of their lines. */
    List<Problem> problems() {
        List<Problem> all = new ArrayList<>(problems);
        all.sort(Comparator.comparingInt(Problem::line));
        if (dropped > 0) {
            all.add(
                    new Problem(
                            file,
                            0,
                            "",
                            Problem.Code.MORE,
                            dropped + " more problems",
                            "the " + LIMIT + " above fixed first"));
        }
        return List.copyOf(all);
    }
}
