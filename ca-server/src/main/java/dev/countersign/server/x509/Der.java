package dev.countersign.server.x509;

/**
 * A strict reader of DER structure (X.690 sections 8 and 10), in front of Bouncy Castle, which
 * takes BER, odd booleans and deep nesting. It checks the whole tree once, with bounded depth, and
 * keeps nothing.
 */
final class Der {
    /** Deeper than any certificate or request of ours goes (about 9). */
    static final int MAX_DEPTH = 24;

    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int NULL = 0x05;
    private static final int ENUMERATED = 0x0a;
    private static final int CONSTRUCTED = 0x20;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;

    private final byte[] bytes;

    private Der(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Checks that these bytes are one DER value and nothing after it.
     *
     * @throws Malformed with position and expectation
     */
    static void check(byte[] bytes) throws Malformed {
        int end = new Der(bytes).value(0, bytes.length, 0);
        if (end != bytes.length) {
            throw new Malformed(
                    true, (bytes.length - end) + " bytes after the value (expected: none)");
        }
    }

    /** Checks one value that starts at {@code start} and returns where it ends. */
    private int value(int start, int limit, int depth) throws Malformed {
        if (depth > MAX_DEPTH) {
            throw malformed(start, "nested deeper", "at most " + MAX_DEPTH + " levels");
        }
        int tag = at(start, limit);
        if ((tag & 0x1f) == 0x1f) {
            throw malformed(start, "multi-byte tag", "tag number below 31");
        }
        int first = at(start + 1, limit);
        int content = start + 2;
        int length = first;
        if (first >= 0x80) {
            int count = first & 0x7f;
            if (count == 0 || count > 3) {
                throw malformed(start, "length of " + count + " octets", "1 to 3, definite");
            }
            length = 0;
            for (int i = 0; i < count; i++) {
                length = (length << 8) | at(content + i, limit);
            }
            if (length < 0x80 || length >> (8 * (count - 1)) == 0) {
                throw malformed(start, "padded length", "the shortest form");
            }
            content += count;
        }
        if (length > limit - content) {
            throw malformed(start, "length " + length, "<= " + (limit - content));
        }
        int end = content + length;
        if ((tag & CONSTRUCTED) != 0) {
            if ((tag & 0xc0) == 0 && tag != SEQUENCE && tag != SET) {
                throw malformed(start, "constructed string", "primitive");
            }
            children(tag, content, end, depth);
        } else {
            primitive(tag, start, content, length);
        }
        return end;
    }

    private void children(int tag, int content, int end, int depth) throws Malformed {
        int previous = -1;
        int previousEnd = -1;
        int position = content;
        while (position < end) {
            int next = value(position, end, depth + 1);
            if (tag == SET && previous >= 0 && !ascending(previous, previousEnd, position, next)) {
                throw malformed(position, "SET element out of order", "ascending");
            }
            previous = position;
            previousEnd = next;
            position = next;
        }
    }

    private void primitive(int tag, int start, int content, int length) throws Malformed {
        switch (tag) {
            case BOOLEAN -> {
                boolean canonical =
                        length == 1 && (bytes[content] == 0 || bytes[content] == (byte) 0xff);
                check(canonical, start, "BOOLEAN", "00 or ff");
            }
            case INTEGER, ENUMERATED ->
                    check(shortest(content, length), start, "INTEGER", "minimal");
            case BIT_STRING ->
                    check(zeroPadded(content, length), start, "BIT STRING", "zero padding");
            case NULL -> check(length == 0, start, "NULL", "empty");
            case SEQUENCE & ~CONSTRUCTED, SET & ~CONSTRUCTED, 0 ->
                    throw malformed(start, "primitive tag " + tag, "constructed");
            default -> {
                // Strings, times, object identifiers and tagged values: no structure of their own.
            }
        }
    }

    private boolean shortest(int content, int length) {
        if (length == 0) {
            return false;
        }
        int head = bytes[content];
        boolean padded =
                length > 1
                        && ((head == 0 && bytes[content + 1] >= 0)
                                || (head == -1 && bytes[content + 1] < 0));
        return !padded;
    }

    private boolean zeroPadded(int content, int length) {
        if (length == 0) {
            return false;
        }
        int unused = bytes[content];
        if (unused < 0 || unused > 7 || (length == 1 && unused != 0)) {
            return false;
        }
        return length == 1 || (bytes[content + length - 1] & ((1 << unused) - 1)) == 0;
    }

    /** X.690 section 11.6: encodings compared as octets, the shorter padded with zeros. */
    private boolean ascending(int left, int leftEnd, int right, int rightEnd) {
        int common = Math.min(leftEnd - left, rightEnd - right);
        for (int i = 0; i < common; i++) {
            int order = (bytes[left + i] & 0xff) - (bytes[right + i] & 0xff);
            if (order != 0) {
                return order < 0;
            }
        }
        return leftEnd - left <= rightEnd - right;
    }

    private int at(int position, int limit) throws Malformed {
        if (position >= limit) {
            throw malformed(position, "ends", "more bytes");
        }
        return bytes[position] & 0xff;
    }

    private static void check(boolean good, int start, String what, String expectation)
            throws Malformed {
        if (!good) {
            throw malformed(start, what, expectation);
        }
    }

    private static Malformed malformed(int position, String value, String expectation) {
        return new Malformed(
                false, value + " at offset " + position + " (expected: " + expectation + ")");
    }

    /** Not DER; message: value and expectation. */
    static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        private final boolean trailing;

        Malformed(boolean trailing, String message) {
            super(message, null, false, false);
            this.trailing = trailing;
        }

        /** Whether the value itself was good and something followed it. */
        boolean trailing() {
            return trailing;
        }
    }
}
