package dev.countersign.server.admission.review;

/** Text of others in a message of ours: one line, no control characters, not long. */
public final class Shown {
    private static final int MAX = 120;

    private Shown() {}

    public static String of(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .limit(MAX)
                .map(point -> Character.isISOControl(point) ? ' ' : point)
                .forEach(line::appendCodePoint);
        return text.codePointCount(0, text.length()) > MAX
                ? line.append('…').toString()
                : line.toString();
    }
}
