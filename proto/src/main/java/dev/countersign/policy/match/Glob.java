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

    private final String head;
    private final List<Needle> middle;
    private final String tail;
    private final boolean open;

    private Glob(String head, List<Needle> middle, String tail, boolean open) {
        this.head = head;
        this.middle = middle;
        this.tail = tail;
        this.open = open;
    }

    /** Compiles a pattern in which each {@code *} stands for any text, the empty one included. */
    public static Glob of(String pattern) {
        int first = pattern.indexOf('*');
        if (first < 0) {
            return new Glob(pattern, List.of(), "", false);
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
                pattern.substring(0, first), List.copyOf(middle), pattern.substring(from), true);
    }

    /** Whether the whole string is of this form. */
    public boolean matches(String value) {
        if (!open) {
            return value.equals(head);
        }
        int end = value.length() - tail.length();
        if (end < head.length() || !value.startsWith(head) || !value.endsWith(tail)) {
            return false;
        }
        int at = head.length();
        for (Needle needle : middle) {
            int found = needle.indexIn(value, at);
            if (found < 0) {
                return false;
            }
            at = found + needle.length();
        }
        return at <= end;
    }
}
