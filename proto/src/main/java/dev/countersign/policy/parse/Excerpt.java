package dev.countersign.policy.parse;

/** Text of a stranger, made fit for a terminal and a log line. */
final class Excerpt {

    private static final int LIMIT = 80;

    private Excerpt() {}

    /** At most 80 characters, with controls and invisible characters written as escapes. */
    static String of(String text) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), LIMIT) + 1);
        int at = 0;
        while (at < text.length() && out.length() < LIMIT) {
            int point = text.codePointAt(at);
            if (TextGuard.isForbidden(point) || point == '\n' || point == '\t' || point == '\r') {
                out.append(String.format("\\u%04x", point));
            } else {
                out.appendCodePoint(point);
            }
            at += Character.charCount(point);
        }
        return at < text.length() ? out.append('…').toString() : out.toString();
    }
}
