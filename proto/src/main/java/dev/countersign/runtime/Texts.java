package dev.countersign.runtime;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text on its way to a person or a log: on one line, bounded, without what must not be seen. */
final class Texts {
    static final String HIDDEN = "(hidden)";

    private static final Pattern URL_PASSWORD = Pattern.compile("//[^/@\\s]*:[^/@\\s]*@");
    private static final Pattern PARAMETER =
            Pattern.compile("(?i)\\b(password|passwd|passphrase|secret|token)=[^&;\\s]*");
    private static final Pattern SECRET_NAME =
            Pattern.compile("(?i).*(secret|password|passphrase|token|privatekey|authorization)");
    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END|$)", Pattern.DOTALL);
    private static final Pattern COMPACT_JWT =
            Pattern.compile("eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]*");

    private Texts() {}

    /** Control characters escaped, cut at {@code max} characters with a count of the rest. */
    static String oneLine(String text, int max) {
        int shown = Math.min(text.length(), max);
        StringBuilder out = new StringBuilder(shown + 16);
        for (int i = 0; i < shown; i++) {
            char c = text.charAt(i);
            if (isControl(c)) {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return shown == text.length()
                ? out.toString()
                : out.append("…(+").append(text.length() - shown).append(')').toString();
    }

    /** Whether what has this name is a secret: {@code store.password}, {@code token}. */
    static boolean isSecretName(String name) {
        return SECRET_NAME.matcher(name).matches();
    }

    /** Without passwords in URLs and parameters. */
    static String withoutPasswords(String text) {
        return PARAMETER
                .matcher(URL_PASSWORD.matcher(text).replaceAll("//" + HIDDEN + "@"))
                .replaceAll("$1=" + HIDDEN);
    }

    /** Without private keys and bearer tokens, should somebody try to log one. */
    static String withoutKeys(String text) {
        String safe = text;
        if (safe.contains("PRIVATE KEY-----")) {
            safe = PRIVATE_KEY.matcher(safe).replaceAll(HIDDEN);
        }
        if (safe.contains("eyJ")) {
            safe = COMPACT_JWT.matcher(safe).replaceAll(HIDDEN);
        }
        return safe;
    }

    /** Also what only looks like a line end to some readers of logs. */
    static boolean isControl(char c) {
        return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == '\u2028' || c == '\u2029';
    }
}
