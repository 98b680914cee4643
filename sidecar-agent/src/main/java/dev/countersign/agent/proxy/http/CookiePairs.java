package dev.countersign.agent.proxy.http;

/** The value of a Cookie field: {@code name=value} pairs between semicolons (RFC 6265 section 4.2). */
public final class CookiePairs {
    private CookiePairs() {}

    /**
     * Takes every pair of one name out, in place; what is left stays as it was written.
     *
     * @return where the value ends now; {@code end} where it had no such pair
     */
    public static int without(byte[] bytes, int start, int end, String name) {
        if (!has(bytes, start, end, name)) {
            return end;
        }
        int to = start;
        for (int at = start; at < end; ) {
            int next = endOf(bytes, at, end);
            int pair = skipBlanks(bytes, at, next);
            if (pair < next && !isOf(bytes, pair, next, name)) {
                to = keep(bytes, start, to, to == start ? pair : at, next);
            }
            at = next + 1;
        }
        return to;
    }

    private static boolean has(byte[] bytes, int start, int end, String name) {
        for (int at = start; at < end; ) {
            int next = endOf(bytes, at, end);
            if (isOf(bytes, skipBlanks(bytes, at, next), next, name)) {
                return true;
            }
            at = next + 1;
        }
        return false;
    }

    private static int endOf(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end && bytes[at] != ';') {
            at++;
        }
        return at;
    }

    /** Moves to the front what stays. It has room: each but the first stood behind a semicolon. */
    private static int keep(byte[] bytes, int start, int to, int from, int end) {
        int at = to;
        if (at > start) {
            bytes[at++] = ';';
        }
        System.arraycopy(bytes, from, bytes, at, end - from);
        return at + end - from;
    }

    /** Blanks around a name are no part of it, as for who looks the token up. */
    private static boolean isOf(byte[] bytes, int start, int end, String name) {
        int at = start;
        for (int i = 0; i < name.length(); i++, at++) {
            if (at >= end || bytes[at] != name.charAt(i)) {
                return false;
            }
        }
        at = skipBlanks(bytes, at, end);
        return at < end && bytes[at] == '=';
    }

    private static int skipBlanks(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
            at++;
        }
        return at;
    }
}
