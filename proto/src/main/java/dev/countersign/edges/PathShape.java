package dev.countersign.edges;

import dev.countersign.policy.match.PathTemplate;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a path the template that it is counted under.
 *
 * <p>A segment becomes {@code {*}} when it looks like an identifier: it is longer than 24 characters;
 * or holds one of {@code % @ = ;}; or consists of digits and {@code . _ - : ,} with at least one
 * digit; or has 8 or more hexadecimal digits, one of them 0 to 9, and nothing else; or
 * is 12 or longer with at least four digits. After 12 segments the rest is {@code {**}}. A path with
 * characters that no template can hold, or with an empty segment in the middle, is the prefix form
 * {@code /literal/*} of the literal segments before the first that is none.
 *
 * <p>So a template is a function of the path alone, at most {@link #MAX_LENGTH} characters long, a
 * value that the {@code paths} of a policy accept, and matches the path it was made of. Two coarser
 * {@link Grain}s serve tables that are full.
 *
 * <p>{@link #matches} and {@link #hash} make no garbage: they are called for every request.
 */
public final class PathShape {
    /** Of a template: 12 literal segments of 24 characters, their slashes, and an operator. */
    public static final int MAX_LENGTH = 320;

    private static final int MAX_SEGMENTS = 12;
    private static final int MAX_LITERAL = 24;
    private static final int HEX_FROM = 8;
    private static final int MIXED_FROM = 12;
    private static final int MIXED_DIGITS = 4;
    private static final String PREFIX = "*";
    private static final int MISMATCH = 0;

    /** How much of a path a template tells. */
    public enum Grain {
        /** All of it. */
        FULL,
        /** Its first segment: {@code /orders/{**}}. */
        FIRST_SEGMENT,
        /** Nothing: {@code /{**}}. */
        NOTHING
    }

    private PathShape() {}

    /** The template of a path. */
    public static String of(String path, Grain grain) {
        StringBuilder text = new StringBuilder(64);
        walk(path, grain, null, text);
        return text.toString();
    }

    /** Whether this is the template of that path. */
    public static boolean matches(String template, String path, Grain grain) {
        return walk(path, grain, template, null) != MISMATCH;
    }

    /** The same for all paths that have one template. */
    public static int hash(String path, Grain grain) {
        return walk(path, grain, null, null);
    }

    /**
     * Goes along the template piece by piece: appends it to {@code out}, or compares it with {@code
     * expected}, and hashes it.
     *
     * @return the hash, never {@link #MISMATCH}; {@link #MISMATCH} where {@code expected} differs
     */
    private static int walk(
            String path, Grain grain, @Nullable String expected, @Nullable StringBuilder out) {
        int literals = literalEnd(path, grain);
        boolean odd = isOdd(path);
        if (odd || grain != Grain.FULL) {
            String end = odd ? PREFIX : PathTemplate.ANY;
            if (out != null) {
                out.append(path, 0, literals).append(end);
            }
            if (expected != null
                    && !(expected.length() == literals + end.length()
                            && expected.regionMatches(0, path, 0, literals)
                            && expected.endsWith(end))) {
                return MISMATCH;
            }
            return solid(31 * hash(1, path, 0, literals) + end.length());
        }
        return walkSegments(path, expected, out);
    }

    private static int walkSegments(
            String path, @Nullable String expected, @Nullable StringBuilder out) {
        int hash = 1;
        int at = 0;
        int segments = 0;
        int start = 1;
        while (start <= path.length()) {
            int end = end(path, start);
            boolean rest = segments == MAX_SEGMENTS;
            boolean literal = !rest && isLiteral(path, start, end);
            String source = literal ? path : rest ? PathTemplate.ANY : PathTemplate.ONE;
            int from = literal ? start : 0;
            int length = literal ? end - start : source.length();
            if (out != null) {
                out.append('/').append(source, from, from + length);
            }
            if (expected != null
                    && !(at < expected.length()
                            && expected.charAt(at) == '/'
                            && expected.regionMatches(at + 1, source, from, length))) {
                return MISMATCH;
            }
            hash = hash(31 * hash + '/', source, from, from + length);
            at += 1 + length;
            segments++;
            start = rest ? path.length() + 1 : end + 1;
        }
        return expected != null && at != expected.length() ? MISMATCH : solid(hash);
    }

    /** Where the literal prefix ends, the slash after it included. */
    private static int literalEnd(String path, Grain grain) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            return 0;
        }
        int most =
                switch (grain) {
                    case FULL -> MAX_SEGMENTS;
                    case FIRST_SEGMENT -> 1;
                    case NOTHING -> 0;
                };
        int start = 1;
        for (int i = 0; i < most; i++) {
            int end = end(path, start);
            // The last segment is no prefix of itself: /a/{**} does not match /a.
            if (end == path.length() || end == start || !isLiteral(path, start, end)) {
                break;
            }
            start = end + 1;
        }
        return start;
    }

    /** Whether no template can match this path. */
    private static boolean isOdd(String path) {
        if (path.isEmpty() || path.charAt(0) != '/') {
            return true;
        }
        for (int i = 1; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '/' ? path.charAt(i - 1) == '/' : !PathTemplate.isSegmentCharacter(c)) {
                return true;
            }
        }
        return false;
    }

    private static int end(String path, int start) {
        int slash = path.indexOf('/', start);
        return slash < 0 ? path.length() : slash;
    }

    private static boolean isLiteral(String path, int start, int end) {
        int length = end - start;
        if (length > MAX_LITERAL) {
            return false;
        }
        int digits = 0;
        int hex = 0;
        int punctuation = 0;
        for (int i = start; i < end; i++) {
            char c = path.charAt(i);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) {
                hex++;
            } else if (c == '.' || c == '_' || c == '-' || c == ':' || c == ',') {
                punctuation++;
            } else if (c == '%' || c == '@' || c == '=' || c == ';') {
                return false;
            } else if (!PathTemplate.isSegmentCharacter(c)) {
                return false;
            }
        }
        boolean number = digits > 0 && digits + punctuation == length;
        boolean hexadecimal = length >= HEX_FROM && digits > 0 && digits + hex == length;
        boolean mixed = length >= MIXED_FROM && digits >= MIXED_DIGITS;
        return !number && !hexadecimal && !mixed;
    }

    private static int hash(int seed, String text, int from, int to) {
        int hash = seed;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash;
    }

    private static int solid(int hash) {
        return hash == MISMATCH ? 1 : hash;
    }
}
