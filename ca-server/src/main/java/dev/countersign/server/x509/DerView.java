package dev.countersign.server.x509;

import dev.countersign.server.x509.Der.Malformed;
import java.util.Arrays;

/**
 * A cursor over bytes that {@link Der#check} let pass: what is left to find out is which element
 * stands where. Copies nothing but what is asked for.
 */
final class DerView {
    private static final int LONG_FORM = 0x80;

    private final byte[] bytes;
    private final int end;
    private int position;

    private DerView(byte[] bytes, int position, int end) {
        this.bytes = bytes;
        this.position = position;
        this.end = end;
    }

    /** Over all of these, which passed the check. */
    static DerView of(byte[] checked) {
        return new DerView(checked, 0, checked.length);
    }

    boolean hasNext() {
        return position < end;
    }

    /** Whether the next element has this tag. */
    boolean isNext(int tag) {
        return hasNext() && (bytes[position] & 0xff) == tag;
    }

    /** The tag of the next element; -1 when there is none. */
    int nextTag() {
        return hasNext() ? bytes[position] & 0xff : -1;
    }

    /** A cursor over the content of the next element, which is passed. */
    DerView enter(int tag) throws Malformed {
        if (!isNext(tag)) {
            throw new Malformed(
                    false,
                    "tag 0x%02x at offset %d (expected: 0x%02x)"
                            .formatted(nextTag() & 0xff, position, tag));
        }
        int content = contentOf(position);
        position = next(position);
        return new DerView(bytes, /* position= */ content, /* end= */ position);
    }

    /** The content of the next element, which is passed. */
    byte[] read(int tag) throws Malformed {
        DerView view = enter(tag);
        return Arrays.copyOfRange(bytes, view.position, view.end);
    }

    /** The next element with its header; it is passed. */
    byte[] element() throws Malformed {
        if (!hasNext()) {
            throw new Malformed(false, "nothing at offset " + position + " (expected: an element)");
        }
        int start = position;
        position = next(position);
        return Arrays.copyOfRange(bytes, start, position);
    }

    /** How many elements are left. */
    int count() {
        int count = 0;
        for (int at = position; at < end; at = next(at)) {
            count++;
        }
        return count;
    }

    void finish() throws Malformed {
        if (hasNext()) {
            throw new Malformed(false, "more at offset " + position + " (expected: nothing)");
        }
    }

    private int contentOf(int start) {
        int first = bytes[start + 1] & 0xff;
        return start + 2 + (first < LONG_FORM ? 0 : first - LONG_FORM);
    }

    private int next(int start) {
        int first = bytes[start + 1] & 0xff;
        int content = contentOf(start);
        int length = first;
        if (first >= LONG_FORM) {
            length = 0;
            for (int i = start + 2; i < content; i++) {
                length = length << 8 | (bytes[i] & 0xff);
            }
        }
        return content + length;
    }
}
