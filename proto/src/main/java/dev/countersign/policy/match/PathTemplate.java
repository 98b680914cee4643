package dev.countersign.policy.match;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A path with operators that stand for whole segments: {@code {*}} for exactly one segment,
 * {@code {**}} for zero or more characters that may hold slashes.
 *
 * <p>{@code {**}} comes at most once and last among the operators, so a match never has a choice:
 * the literals before it are walked from the left, the one after it is compared at the end.
 */
public final class PathTemplate {

    /** Exactly one segment. */
    public static final String ONE = "{*}";

    /** Zero or more characters, slashes included. */
    public static final String ANY = "{**}";

    private static final String SEGMENT_PUNCTUATION = "-._~%!$&'()+,;:@=";
    private static final boolean[] SEGMENT_CHARACTER = segmentCharacters();

    /** Literals between {@code {*}} operators, in order; a {@code {*}} stands between each two. */
    private final List<String> literals;

    /** The literal after {@code {**}}, or null where the template has none. */
    private final @Nullable String tail;

    private PathTemplate(List<String> literals, @Nullable String tail) {
        this.literals = List.copyOf(literals);
        this.tail = tail;
    }

    /** Whether a written path is meant as a template. */
    public static boolean isTemplate(String path) {
        return path.contains(ONE) || path.contains(ANY);
    }

    /**
     * What is wrong with a written path as far as braces go, or null.
     *
     * <p>A path without operators may hold no brace either.
     */
    public static @Nullable String fault(String path) {
        boolean template = isTemplate(path);
        boolean any = false;
        for (String segment : trimSlashes(path).split("/", -1)) {
            boolean operator = segment.equals(ONE) || segment.equals(ANY);
            if (operator && any) {
                return "{**} must be the last operator";
            }
            any |= segment.equals(ANY);
            if (!operator && (segment.indexOf('{') >= 0 || segment.indexOf('}') >= 0)) {
                return "a segment with braces must be {*} or {**}, not " + segment;
            }
            if (!operator && template && !isLiteralSegment(segment)) {
                return "a segment beside {*} or {**} must hold letters, digits and "
                        + SEGMENT_PUNCTUATION
                        + " only, not '"
                        + segment
                        + "'";
            }
        }
        return null;
    }

    /**
     * Compiles a template.
     *
     * @throws IllegalArgumentException if {@link #fault} finds one
     */
    public static PathTemplate of(String path) {
        String fault = fault(path);
        if (fault != null) {
            throw new IllegalArgumentException(path + ": " + fault);
        }
        int any = path.indexOf(ANY);
        String front = any < 0 ? path : path.substring(0, any);
        List<String> literals = new ArrayList<>();
        int from = 0;
        for (int one = front.indexOf(ONE); one >= 0; one = front.indexOf(ONE, from)) {
            literals.add(front.substring(from, one));
            from = one + ONE.length();
        }
        literals.add(front.substring(from));
        return new PathTemplate(literals, any < 0 ? null : path.substring(any + ANY.length()));
    }

    /** What every matching path begins with: the text before the first operator. */
    public String literalPrefix() {
        return literals.getFirst();
    }

    /** Whether the whole path is of this form. */
    public boolean matches(String path) {
        int at = 0;
        for (int i = 0; i < literals.size(); i++) {
            if (i > 0) {
                int end = segmentEnd(path, at);
                if (end == at) {
                    return false;
                }
                at = end;
            }
            if (!path.startsWith(literals.get(i), at)) {
                return false;
            }
            at += literals.get(i).length();
        }
        return tail == null ? at == path.length() : matchesRest(path, at, tail);
    }

    private static boolean matchesRest(String path, int from, String tail) {
        int end = path.length() - tail.length();
        if (end < from || !path.endsWith(tail)) {
            return false;
        }
        for (int i = from; i < end; i++) {
            if (path.charAt(i) != '/' && !isSegmentCharacter(path.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int segmentEnd(String path, int from) {
        int at = from;
        while (at < path.length() && isSegmentCharacter(path.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isLiteralSegment(String segment) {
        return !segment.isEmpty() && segmentEnd(segment, 0) == segment.length();
    }

    /** Whether an operator can stand for it. */
    public static boolean isSegmentCharacter(char c) {
        return c < SEGMENT_CHARACTER.length && SEGMENT_CHARACTER[c];
    }

    private static boolean[] segmentCharacters() {
        boolean[] allowed = new boolean[128];
        for (char c = 0; c < allowed.length; c++) {
            allowed[c] =
                    (c >= 'a' && c <= 'z')
                            || (c >= 'A' && c <= 'Z')
                            || (c >= '0' && c <= '9')
                            || SEGMENT_PUNCTUATION.indexOf(c) >= 0;
        }
        return allowed;
    }

    private static String trimSlashes(String path) {
        int start = 0;
        int end = path.length();
        while (start < end && path.charAt(start) == '/') {
            start++;
        }
        while (end > start && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(start, end);
    }
}
