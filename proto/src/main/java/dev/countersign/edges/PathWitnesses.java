package dev.countersign.edges;

import dev.countersign.policy.PathNormalizer;
import dev.countersign.policy.match.PathTemplate;
import dev.countersign.policy.match.StringMatcher;
import dev.countersign.policy.match.StringMatchers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Paths that stand for all paths of a template: a few that it is usually made of, and for each pattern
 * of a policy one that both cover, where there is one. If a set of policies decides all of them alike,
 * no exact path, prefix, suffix or template in it tells paths of this template apart.
 */
final class PathWitnesses {
    private static final List<String> FILLERS =
            List.of("42", "3b241101-e2bb-4255-8caf-4136c566a962");
    private static final String WORD = "x";

    private final PathNormalizer.Mode mode;

    PathWitnesses(PathNormalizer.Mode mode) {
        this.mode = mode;
    }

    /**
     * @param template of an edge
     * @param patterns of policies
     */
    Set<String> of(String template, Collection<String> patterns) {
        StringMatcher covered = StringMatchers.path(template);
        Set<String> candidates = new LinkedHashSet<>();
        List<String> segments = segments(template);
        for (String filler : FILLERS) {
            candidates.add(fill(segments, List.of(), filler));
        }
        if (segments.getLast().equals(PathTemplate.ANY)) {
            List<String> deeper = Collections.nCopies(segments.size() + 1, "");
            String deep = fill(segments, deeper, FILLERS.getFirst());
            String one = fill(segments, List.of(), FILLERS.getFirst());
            candidates.add(deep);
            candidates.add(one.substring(0, one.lastIndexOf('/') + 1));
        }
        for (String pattern : patterns) {
            candidates.addAll(common(segments, pattern));
        }
        candidates.removeIf(path -> !covered.matches(path) || !PathNormalizer.isNormal(mode, path));
        return candidates;
    }

    /** Paths that may be of the template and of the pattern; the caller looks. */
    private static List<String> common(List<String> template, String pattern) {
        List<String> paths = new ArrayList<>();
        if (PathTemplate.isTemplate(pattern)) {
            paths.add(fill(template, segments(pattern), WORD));
        } else if (pattern.startsWith("*")) {
            String end = pattern.substring(1);
            String whole = fill(template, List.of(), FILLERS.getFirst());
            List<String> tail = segments(end.startsWith("/") ? end : "/" + end);
            int shared = Math.max(0, template.size() - tail.size());
            List<String> aligned = new ArrayList<>(template.subList(0, shared));
            aligned.addAll(tail);
            paths.add(fill(template, aligned, FILLERS.getFirst()));
            paths.add(whole + end);
        } else if (pattern.endsWith("*")) {
            String begin = pattern.substring(0, pattern.length() - 1);
            paths.add(begin);
            paths.add(begin + WORD);
            List<String> head = segments(begin);
            paths.add(fill(template, head, WORD));
            List<String> longer = new ArrayList<>(head);
            if (!longer.isEmpty()) {
                longer.set(longer.size() - 1, longer.getLast() + WORD);
            }
            paths.add(fill(template, longer, WORD));
        } else {
            paths.add(pattern);
        }
        return paths;
    }

    /**
     * The template with its operators replaced: by the other's segment at the same place where that is
     * literal, else by the filler.
     */
    private static String fill(List<String> template, List<String> other, String filler) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < template.size(); i++) {
            String segment = template.get(i);
            if (segment.equals(PathTemplate.ANY)) {
                for (int rest = i; rest < Math.max(other.size(), i + 1); rest++) {
                    path.append('/').append(literal(other, rest, filler));
                }
                return path.toString();
            }
            boolean open = segment.equals(PathTemplate.ONE);
            if (segment.endsWith("*") && !open) {
                path.append('/').append(segment, 0, segment.length() - 1).append(filler);
                return path.toString();
            }
            path.append('/').append(open ? literal(other, i, filler) : segment);
        }
        return path.toString();
    }

    private static String literal(List<String> segments, int at, String filler) {
        if (at >= segments.size()) {
            return filler;
        }
        String segment = segments.get(at);
        return segment.isEmpty()
                        || segment.equals(PathTemplate.ONE)
                        || segment.equals(PathTemplate.ANY)
                ? filler
                : segment;
    }

    /** What stands after each slash; of a text without a leading one, as if it had one. */
    private static List<String> segments(String path) {
        String text = path.startsWith("/") ? path.substring(1) : path;
        return List.of(text.split("/", -1));
    }
}
