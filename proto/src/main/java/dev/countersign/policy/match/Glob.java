package dev.countersign.policy.match;

import java.util.ArrayList;
import java.util.List;

/**
 * Literals with any text where a {@code *} stood.
 *
 * <p>The first literal is anchored at the start, the last at the end, and those between are found
 * leftmost one after the other. Leftmost is enough: what a later literal needs can only get less.
 */
public final class Glob {

    private final String pattern;
    private final String head;
    private final List<Needle> middle;
    private final String tail;
    private final boolean open;

    private Glob(String pattern, String head, List<Needle> middle, String tail, boolean open) {
        this.pattern = pattern;
        this.head = head;
        this.middle = middle;
        this.tail = tail;
        this.open = open;
    }

    /** Compiles a pattern in which each {@code *} stands for any text, the empty one included. */
    public static Glob of(String pattern) {
        int first = pattern.indexOf('*');
        if (first < 0) {
            return new Glob(pattern, pattern, List.of(), "", false);
        }
        List<Needle> middle = new ArrayList<>();
        int from = first + 1;
        for (int star = pattern.indexOf('*', from); star >= 0; star = pattern.indexOf('*', from)) {
            if (star > from) {
                middle.add(new Needle(pattern.substring(from, star)));
            }
            from = star + 1;
        }
        return new Glob(
                pattern,
                pattern.substring(0, first),
                List.copyOf(middle),
                pattern.substring(from),
                true);
    }

    /** As written. */
    public String pattern() {
        return pattern;
    }

    /** What every matching string begins with: the text before the first {@code *}. */
    public String head() {
        return head;
    }

    /** Whether the whole string is of this form. */
    public boolean matches(String value) {
        return matches(value, 0, value.length());
    }

    /** Whether the part of the string from {@code start} to {@code end} is of this form. */
    public boolean matches(String value, int start, int end) {
        int length = end - start;
        if (!open) {
            return length == head.length() && value.startsWith(head, start);
        }
        int last = end - tail.length();
        if (last - start < head.length()
                || !value.startsWith(head, start)
                || !value.startsWith(tail, last)) {
            return false;
        }
        int at = start + head.length();
        // By index: an iterator would be allocated for every request.
        for (int i = 0; i < middle.size(); i++) {
            int found = middle.get(i).indexIn(value, at, last);
            if (found < 0) {
                return false;
            }
            at = found + middle.get(i).length();
        }
        return at <= last;
    }
}
