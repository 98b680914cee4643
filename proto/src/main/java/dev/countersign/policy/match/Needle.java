package dev.countersign.policy.match;

/**
 * A literal to look for, with its Knuth-Morris-Pratt table, so that a search takes time linear in
 * the text whatever the two look like.
 */
final class Needle {

    private final String text;
    private final int[] fallback;

    Needle(String text) {
        this.text = text;
        this.fallback = fallbackOf(text);
    }

    int length() {
        return text.length();
    }

    /** The first index at or after {@code from} where the literal starts, or -1. */
    int indexIn(String haystack, int from) {
        return indexIn(haystack, from, haystack.length());
    }

    /** As {@link #indexIn(String, int)}, for a literal that ends before {@code to}. */
    int indexIn(String haystack, int from, int to) {
        if (text.isEmpty()) {
            return from <= to ? from : -1;
        }
        int matched = 0;
        for (int i = from; i < to; i++) {
            char c = haystack.charAt(i);
            while (matched > 0 && text.charAt(matched) != c) {
                matched = fallback[matched - 1];
            }
            if (text.charAt(matched) == c) {
                matched++;
            }
            if (matched == text.length()) {
                return i - matched + 1;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return text;
    }

    private static int[] fallbackOf(String text) {
        int[] table = new int[text.length()];
        int length = 0;
        for (int i = 1; i < text.length(); i++) {
            while (length > 0 && text.charAt(i) != text.charAt(length)) {
                length = table[length - 1];
            }
            if (text.charAt(i) == text.charAt(length)) {
                length++;
            }
            table[i] = length;
        }
        return table;
    }
}
