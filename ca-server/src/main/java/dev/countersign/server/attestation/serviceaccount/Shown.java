package dev.countersign.server.attestation.serviceaccount;

/** How text from strangers appears in messages: cut, and free of anything that forges a line. */
final class Shown {
    private static final int MAX = 120;

    private Shown() {}

    static String of(String text) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), MAX); i++) {
            char c = text.charAt(i);
            shown.append(c < 0x20 || c > 0x7e ? '?' : c);
        }
        return text.length() > MAX ? shown.append("...").toString() : shown.toString();
    }
}
