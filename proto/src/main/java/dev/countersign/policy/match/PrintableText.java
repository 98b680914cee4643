package dev.countersign.policy.match;

/** Text of a stranger, made fit for a terminal and a log line. */
public final class PrintableText {

    private PrintableText() {}

    /**
     * At most {@code limit} characters, with controls and invisible characters written as escapes
     * and an ellipsis where something was cut.
     */
    public static String excerpt(String text, int limit) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), limit) + 1);
        int at = 0;
        while (at < text.length() && out.length() < limit) {
            int point = text.codePointAt(at);
            if (isHidden(point) || point == '\n' || point == '\t' || point == '\r') {
                out.append(String.format("\\u%04x", point));
            } else {
                out.appendCodePoint(point);
            }
            at += Character.charCount(point);
        }
        return at < text.length() ? out.append('…').toString() : out.toString();
    }

    /**
     * Whether a reader does not see the character, or sees what is beside it elsewhere: controls
     * but line ends and tabs, bidirectional controls, zero-width characters, private use.
     */
    public static boolean isHidden(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL -> point != '\n' && point != '\r' && point != '\t';
            case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            case Character.SURROGATE, Character.UNASSIGNED, Character.PRIVATE_USE -> true;
            default -> false;
        };
    }
}
