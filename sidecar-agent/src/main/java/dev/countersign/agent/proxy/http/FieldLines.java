package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Field lines as positions in the bytes they came in; used again for the next head on the same event
 * loop. One that is marked dropped is invisible from then on, and is not written. Knows how a line is
 * written and nothing of what it means.
 */
final class FieldLines {
    static final int MAX_FIELDS = 100;

    private final int[] nameStart = new int[MAX_FIELDS];
    private final int[] nameEnd = new int[MAX_FIELDS];
    private final int[] valueStart = new int[MAX_FIELDS];
    private final int[] valueEnd = new int[MAX_FIELDS];
    private final int[] lineEnd = new int[MAX_FIELDS];
    private final boolean[] dropped = new boolean[MAX_FIELDS];
    private byte[] bytes = new byte[0];
    private int count;

    /** Begins anew, with lines in these bytes. */
    void reset(byte[] source) {
        bytes = source;
        count = 0;
    }

    int count() {
        return count;
    }

    int valueStart(int line) {
        return valueStart[line];
    }

    int valueEnd(int line) {
        return valueEnd[line];
    }

    byte at(int position) {
        return bytes[position];
    }

    /** What is known of the name of a line; null: nothing. */
    @Nullable FieldName known(int line) {
        return FieldName.of(bytes, nameStart[line], nameEnd[line]);
    }

    /** What is known of a name that stands somewhere in the bytes; null: nothing. */
    @Nullable FieldName known(int start, int end) {
        return FieldName.of(bytes, start, end);
    }

    /** Whether a line tells of identities, which is ours to do. */
    boolean isOurs(int line) {
        return FieldName.isOurs(bytes, nameStart[line], nameEnd[line]);
    }

    boolean nameHas(int line, char c) {
        for (int at = nameStart[line]; at < nameEnd[line]; at++) {
            if (bytes[at] == c) {
                return true;
            }
        }
        return false;
    }

    String name(int line) {
        return text(nameStart[line], nameEnd[line]);
    }

    String value(int line) {
        return text(valueStart[line], valueEnd[line]);
    }

    String text(int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    /**
     * Reads the line that starts there and ends in CRLF, as everything does.
     *
     * @return where the next one starts
     */
    int add(int start) throws HttpRefused {
        if (count == MAX_FIELDS) {
            throw HttpFields.refused(
                    HttpRefusal.TOO_MANY_HEADERS, "fields: more (expected: <= " + MAX_FIELDS + ")");
        }
        byte[] b = bytes;
        int at = start;
        while (HttpChars.isToken(b[at])) {
            at++;
        }
        if (b[at] != ':' || at == start) {
            throw badName(start, at);
        }
        int i = count;
        nameStart[i] = start;
        nameEnd[i] = at;
        at++;
        while (b[at] == ' ' || b[at] == '\t') {
            at++;
        }
        valueStart[i] = at;
        while (HttpChars.isValue(b[at])) {
            at++;
        }
        if (b[at] != '\r' || b[at + 1] != '\n') {
            throw HttpFields.refused(
                    HttpRefusal.CONTROL_CHARACTER,
                    "field value: byte " + b[at] + " (expected: visible, space or tab)");
        }
        int end = at;
        while (end > valueStart[i] && (b[end - 1] == ' ' || b[end - 1] == '\t')) {
            end--;
        }
        valueEnd[i] = end;
        lineEnd[i] = at + 2;
        dropped[i] = false;
        count++;
        return at + 2;
    }

    /** Values of a field, comma-joined (RFC 9110 section 5.3); null when it is not there. */
    @Nullable String get(String name) {
        String found = null;
        for (int i = 0; i < count; i++) {
            if (!dropped[i] && nameIs(i, name)) {
                found = found == null ? value(i) : found + "," + value(i);
            }
        }
        return found;
    }

    /** Values of a field, one for each line that is passed on. */
    List<String> lines(String name) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (!dropped[i] && nameIs(i, name)) {
                found.add(value(i));
            }
        }
        return found;
    }

    void drop(int line) {
        dropped[line] = true;
    }

    /** Leaves every field of this name out. */
    void drop(String name) {
        for (int i = 0; i < count; i++) {
            dropped[i] |= nameIs(i, name);
        }
    }

    /** Leaves every field out that has the name which stands somewhere in the bytes. */
    void dropNamedAt(int start, int end) {
        for (int i = 0; i < count; i++) {
            dropped[i] |= sameName(i, start, end);
        }
    }

    /** Takes the pairs of one name out of fields of pairs; a field that holds no other goes whole. */
    void dropPairs(String field, String pair) {
        for (int i = 0; i < count; i++) {
            int end =
                    dropped[i] || !nameIs(i, field)
                            ? valueEnd[i]
                            : CookiePairs.without(bytes, valueStart[i], valueEnd[i], pair);
            if (end < valueEnd[i]) {
                shorten(i, end);
            }
        }
    }

    private void shorten(int line, int end) {
        dropped[line] = end == valueStart[line];
        valueEnd[line] = end;
        bytes[end] = '\r';
        bytes[end + 1] = '\n';
        lineEnd[line] = end + 2;
    }

    /** Copies every field that is passed on, in order, as it was written. */
    void writeTo(ByteBuf out) {
        int from = -1;
        int until = -1;
        for (int i = 0; i < count; i++) {
            if (dropped[i]) {
                continue;
            }
            if (until != nameStart[i]) {
                if (from >= 0) {
                    out.writeBytes(bytes, from, until - from);
                }
                from = nameStart[i];
            }
            until = lineEnd[i];
        }
        if (from >= 0) {
            out.writeBytes(bytes, from, until - from);
        }
    }

    void forEach(BiConsumer<String, String> visitor) {
        for (int i = 0; i < count; i++) {
            if (!dropped[i]) {
                visitor.accept(text(nameStart[i], nameEnd[i]).toLowerCase(Locale.ROOT), value(i));
            }
        }
    }

    boolean valueIs(int line, byte[] lowerCase) {
        return equalsIgnoreCase(valueStart[line], valueEnd[line], lowerCase);
    }

    /** Whether what stands there is this, but for the case of its letters. */
    boolean equalsIgnoreCase(int start, int end, byte[] lowerCase) {
        if (end - start != lowerCase.length) {
            return false;
        }
        for (int k = 0; k < lowerCase.length; k++) {
            if (lower(bytes[start + k]) != lowerCase[k]) {
                return false;
            }
        }
        return true;
    }

    boolean nameIs(int i, String name) {
        if (nameEnd[i] - nameStart[i] != name.length()) {
            return false;
        }
        for (int k = 0; k < name.length(); k++) {
            if (lower(bytes[nameStart[i] + k]) != lower((byte) name.charAt(k))) {
                return false;
            }
        }
        return true;
    }

    private HttpRefused badName(int start, int at) {
        byte found = bytes[at];
        if (at == start && (found == ' ' || found == '\t')) {
            return HttpFields.refused(
                    HttpRefusal.OBS_FOLD, "field line: folded (expected: one line each)");
        }
        if (found == ' ' || found == '\t') {
            return HttpFields.refused(
                    HttpRefusal.SPACE_BEFORE_COLON, "field name: a space before the colon");
        }
        return HttpFields.refused(
                HttpRefusal.BAD_HEADER_NAME,
                "field name: byte " + found + " (expected: a token and a colon)");
    }

    private boolean sameName(int i, int start, int end) {
        if (nameEnd[i] - nameStart[i] != end - start) {
            return false;
        }
        for (int k = 0; k < end - start; k++) {
            if (HttpChars.canonical(bytes[nameStart[i] + k])
                    != HttpChars.canonical(bytes[start + k])) {
                return false;
            }
        }
        return true;
    }

    private static byte lower(byte c) {
        return c >= 'A' && c <= 'Z' ? (byte) (c + ('a' - 'A')) : c;
    }
}
