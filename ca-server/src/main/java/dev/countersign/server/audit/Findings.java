package dev.countersign.server.audit;

import com.google.errorprone.annotations.FormatMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a walk found, bounded: a log that was replaced would fill memory with findings. */
final class Findings {
    static final int MAX = 100;

    private final List<String> problems = new ArrayList<>();

    @FormatMethod
    void add(String format, Object... arguments) {
        if (problems.size() < MAX) {
            problems.add(String.format(Locale.ROOT, format, arguments));
        }
    }

    List<String> list() {
        return List.copyOf(problems);
    }
}
