package dev.countersign.policy.match;

/**
 * Comparison that folds the case of ASCII letters and nothing else.
 *
 * <p>{@link String#equalsIgnoreCase} also equates letters such as KELVIN SIGN and {@code k}, which
 * two HTTP implementations need not agree on.
 */
public final class Ascii {

    private Ascii() {}

    /** Whether both are the same but for the case of ASCII letters. */
    public static boolean equalsIgnoreCase(String a, String b) {
        return a.length() == b.length() && regionMatchesIgnoreCase(a, 0, b);
    }

    /** Whether {@code text} holds {@code part} at {@code offset}, but for the case of ASCII letters. */
    static boolean regionMatchesIgnoreCase(String text, int offset, String part) {
        if (offset < 0 || offset + part.length() > text.length()) {
            return false;
        }
        for (int i = 0; i < part.length(); i++) {
            if (fold(text.charAt(offset + i)) != fold(part.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** The lower-case form of an ASCII letter, anything else as it is. */
    public static char fold(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }
}
