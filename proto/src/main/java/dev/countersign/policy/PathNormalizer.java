package dev.countersign.policy;

import org.jspecify.annotations.Nullable;

/**
 * Brings the path of a request into the form that is both matched and forwarded.
 *
 * <p>In order: cut the fragment; decode {@code %2F} and {@code %5C} (where the mode says so);
 * decode unreserved characters (RFC 3986 section 2.3) and turn {@code \} into {@code /}; remove dot
 * segments (RFC 3986 section 5.2.4); merge slashes (where the mode says so). Case, {@code ;params},
 * other escapes, double encodings and overlong UTF-8 stay as they are.
 *
 * <p>Normalising twice changes nothing: a path whose decoding would spell a new escape ({@code
 * %2%65} to {@code %2e}) is refused, since the next reader would decode that one too.
 */
public final class PathNormalizer {

    /** The characters that a path in its normal form cannot hold, or not everywhere. */
    private static final boolean[] TELLING = telling();

    private PathNormalizer() {}

    /**
     * Normalises the target of a request.
     *
     * @param target origin form, with or without query and fragment, or {@code *}
     */
    public static NormalizedPath normalize(Mode mode, String target) {
        String withoutFragment = upTo(target, '#');
        String path = upTo(withoutFragment, '?');
        if (path.equals("*")) {
            return new NormalizedPath.Ok(mode, path, withoutFragment);
        }
        if (!path.startsWith("/")) {
            return NormalizedPath.Refused.NOT_ABSOLUTE;
        }
        if (isNormal(mode, path)) {
            return new NormalizedPath.Ok(mode, path, withoutFragment);
        }
        StringBuilder decoded = new StringBuilder(path.length());
        NormalizedPath.Refused refused = decode(mode, path, decoded);
        if (refused != null) {
            return refused;
        }
        String normal = decoded.toString();
        if (mode != Mode.NONE) {
            normal = removeDotSegments(normal);
        }
        if (mode.mergesSlashes()) {
            normal = mergeSlashes(normal);
        }
        return new NormalizedPath.Ok(
                mode, normal, normal + withoutFragment.substring(path.length()));
    }

    /** Whether a path without query is what {@link #normalize} would make of it. One scan. */
    public static boolean isNormal(Mode mode, String path) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            return path.equals("*");
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c < TELLING.length && TELLING[c] && isNotNormal(mode, path, i, c)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNotNormal(Mode mode, String path, int at, char c) {
        return switch (c) {
            case '/' -> mode != Mode.NONE && slashIsNotNormal(mode, path, at);
            case '\\' -> mode != Mode.NONE;
            case '%' -> escapeIsNotNormal(mode, escapeAt(path, at));
            default -> true;
        };
    }

    private static boolean[] telling() {
        boolean[] telling = new boolean[128];
        for (char c : new char[] {0, '#', '?', '%', '\\', '/'}) {
            telling[c] = true;
        }
        return telling;
    }

    private static boolean escapeIsNotNormal(Mode mode, int code) {
        return code == 0
                || (mode != Mode.NONE && code > 0 && isUnreserved((char) code))
                || (mode.decodesSlashes() && (code == '/' || code == '\\'));
    }

    /** Whether a slash is followed by another one to merge, or by a dot segment. */
    private static boolean slashIsNotNormal(Mode mode, String path, int slash) {
        int next = slash + 1;
        if (mode.mergesSlashes() && next < path.length() && path.charAt(next) == '/') {
            return true;
        }
        int end = next;
        while (end < path.length() && path.charAt(end) == '.' && end - next < 3) {
            end++;
        }
        int dots = end - next;
        return (dots == 1 || dots == 2) && (end == path.length() || path.charAt(end) == '/');
    }

    private static NormalizedPath.@Nullable Refused decode(
            Mode mode, String path, StringBuilder out) {
        boolean loosePercent = false;
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            int code = c == '%' ? escapeAt(path, i) : -1;
            if (c == 0 || code == 0) {
                return NormalizedPath.Refused.NUL;
            }
            if (code > 0) {
                out.append(decoded(mode, path, i, (char) code));
                i += 2;
            } else {
                loosePercent |= c == '%';
                out.append(c == '\\' && mode != Mode.NONE ? '/' : c);
            }
        }
        return loosePercent && spellsNewEscape(mode, path, out)
                ? NormalizedPath.Refused.AMBIGUOUS_ESCAPE
                : null;
    }

    private static String decoded(Mode mode, String path, int at, char code) {
        if (mode.decodesSlashes() && (code == '/' || code == '\\')) {
            return "/";
        }
        return mode != Mode.NONE && isUnreserved(code)
                ? String.valueOf(code)
                : path.substring(at, at + 3);
    }

    /** Whether the output holds more escapes than were left standing in the input. */
    private static boolean spellsNewEscape(Mode mode, String path, CharSequence out) {
        int kept = 0;
        for (int i = 0; i < path.length(); i++) {
            int code = path.charAt(i) == '%' ? escapeAt(path, i) : -1;
            if (code > 0) {
                kept += escapeIsNotNormal(mode, code) ? 0 : 1;
                i += 2;
            }
        }
        int found = 0;
        for (int i = 0; i < out.length(); i++) {
            if (out.charAt(i) == '%' && escapeAt(out, i) >= 0) {
                found++;
                i += 2;
            }
        }
        return found != kept;
    }

    private static String removeDotSegments(String path) {
        StringBuilder out = new StringBuilder(path.length());
        int at = 0;
        while (at < path.length()) {
            int end = path.indexOf('/', at + 1);
            boolean last = end < 0;
            String segment = path.substring(at, last ? path.length() : end);
            if (segment.equals("/..")) {
                out.setLength(Math.max(out.lastIndexOf("/"), 0));
            }
            boolean dots = segment.equals("/.") || segment.equals("/..");
            if (!dots) {
                out.append(segment);
            } else if (last) {
                out.append('/');
            }
            at = last ? path.length() : end;
        }
        return out.toString();
    }

    private static String mergeSlashes(String path) {
        StringBuilder out = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) != '/' || i == 0 || path.charAt(i - 1) != '/') {
                out.append(path.charAt(i));
            }
        }
        return out.toString();
    }

    private static boolean isUnreserved(char c) {
        return (c >= 'A' && c <= 'Z')
                || (c >= 'a' && c <= 'z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    /** The octet that {@code %XX} at this index stands for, or -1. */
    private static int escapeAt(CharSequence text, int percent) {
        if (percent + 2 >= text.length()) {
            return -1;
        }
        int high = hex(text.charAt(percent + 1));
        int low = hex(text.charAt(percent + 2));
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static int hex(char c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        int letter = c | 0x20;
        return letter >= 'a' && letter <= 'f' && c < 128 ? letter - 'a' + 10 : -1;
    }

    private static String upTo(String text, char end) {
        int at = text.indexOf(end);
        return at < 0 ? text : text.substring(0, at);
    }

    /** How much is made equal before matching. */
    public enum Mode {
        /** The fragment is cut, nothing else. */
        NONE,
        /** Unreserved characters are decoded, {@code \} is {@code /}, dot segments are removed. */
        BASE,
        /** As BASE, then slashes are merged. */
        MERGE_SLASHES,
        /** {@code %2F} and {@code %5C} are decoded, then as MERGE_SLASHES. */
        DECODE_AND_MERGE_SLASHES;

        boolean mergesSlashes() {
            return this == MERGE_SLASHES || decodesSlashes();
        }

        boolean decodesSlashes() {
            return this == DECODE_AND_MERGE_SLASHES;
        }
    }
}
