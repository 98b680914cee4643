package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The field lines of one head, as positions in the bytes they came in; used again for the next head
 * on the same event loop. What must not be passed on is marked dropped and is invisible from then on:
 * policy sees the fields the application will see.
 */
final class HttpFields {
    static final int MAX_FIELDS = 100;

    private static final int MAX_LENGTH_DIGITS = 18;
    private static final byte[] CHUNKED = ascii("chunked");
    private static final byte[] CLOSE = ascii("close");
    private static final byte[] KEEP_ALIVE = ascii("keep-alive");
    private static final byte[] UPGRADE = ascii("upgrade");

    private final int[] nameStart = new int[MAX_FIELDS];
    private final int[] nameEnd = new int[MAX_FIELDS];
    private final int[] valueStart = new int[MAX_FIELDS];
    private final int[] valueEnd = new int[MAX_FIELDS];
    private final int[] lineEnd = new int[MAX_FIELDS];
    private final boolean[] dropped = new boolean[MAX_FIELDS];
    private final boolean stripOurs;
    private byte[] bytes = new byte[0];
    private int count;
    private int host;
    private int upgrade;
    private int expect;
    private int contentLengthField;
    private long contentLength;
    private int transferEncodingField;
    private int hosts;
    private boolean named;
    private boolean close;
    private boolean keepAlive;
    private boolean wantsUpgrade;

    /**
     * @param stripOurs whether identity fields are taken out
     */
    HttpFields(boolean stripOurs) {
        this.stripOurs = stripOurs;
    }

    /** Parses the lines between {@code start} and {@code end}; each ends in CRLF, as does all. */
    void parse(byte[] source, int start, int end) throws HttpRefused {
        reset(source);
        int at = start;
        while (at < end) {
            at = line(at);
        }
        if (contentLengthField >= 0 && transferEncodingField >= 0) {
            throw refused(
                    HttpRefusal.CONTENT_LENGTH_WITH_TRANSFER_ENCODING,
                    "Content-Length and Transfer-Encoding: both (expected: one of them)");
        }
        if (named) {
            dropNamed();
        }
    }

    boolean chunked() {
        return transferEncodingField >= 0;
    }

    /** -1 when there is none. */
    long contentLength() {
        return contentLength;
    }

    boolean close() {
        return close;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    int hosts() {
        return hosts;
    }

    int hostStart() {
        return valueStart[host];
    }

    int hostEnd() {
        return valueEnd[host];
    }

    boolean hasExpect() {
        return expect >= 0;
    }

    boolean expectIs(byte[] lowerCase) {
        return expect >= 0 && equalsIgnoreCase(valueStart[expect], valueEnd[expect], lowerCase);
    }

    /** The protocol asked for, when Connection names it; empty otherwise. */
    Optional<String> upgrade() {
        return wantsUpgrade && upgrade >= 0 ? Optional.of(value(upgrade)) : Optional.empty();
    }

    /** Leaves the transfer coding out: what follows is written without chunks. */
    void dropTransferEncoding() {
        if (transferEncodingField >= 0) {
            dropped[transferEncodingField] = true;
        }
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

    /** Takes out what frames, routes or authenticates: it comes too late to be obeyed. */
    void dropUnfitForTrailer(String[] others) {
        for (int i = 0; i < count; i++) {
            dropped[i] |= FieldName.of(bytes, nameStart[i], nameEnd[i]) != null;
            for (String other : others) {
                dropped[i] |= nameIs(i, other);
            }
        }
    }

    /** Leaves every field of this name out. */
    void drop(String name) {
        for (int i = 0; i < count; i++) {
            dropped[i] |= nameIs(i, name);
        }
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

    void forEach(java.util.function.BiConsumer<String, String> visitor) {
        for (int i = 0; i < count; i++) {
            if (!dropped[i]) {
                visitor.accept(text(nameStart[i], nameEnd[i]).toLowerCase(Locale.ROOT), value(i));
            }
        }
    }

    String text(int start, int end) {
        return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }

    static HttpRefused refused(HttpRefusal refusal, String message) {
        return new HttpRefused(refusal, message);
    }

    private void reset(byte[] source) {
        bytes = source;
        count = 0;
        host = 0;
        hosts = 0;
        upgrade = -1;
        expect = -1;
        contentLengthField = -1;
        contentLength = -1;
        transferEncodingField = -1;
        named = false;
        close = false;
        keepAlive = false;
        wantsUpgrade = false;
    }

    private int line(int start) throws HttpRefused {
        if (count == MAX_FIELDS) {
            throw refused(
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
            throw refused(
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
        understand(i);
        return at + 2;
    }

    private HttpRefused badName(int start, int at) {
        byte found = bytes[at];
        if (at == start && (found == ' ' || found == '\t')) {
            return refused(HttpRefusal.OBS_FOLD, "field line: folded (expected: one line each)");
        }
        if (found == ' ' || found == '\t') {
            return refused(HttpRefusal.SPACE_BEFORE_COLON, "field name: a space before the colon");
        }
        return refused(
                HttpRefusal.BAD_HEADER_NAME,
                "field name: byte " + found + " (expected: a token and a colon)");
    }

    private void understand(int i) throws HttpRefused {
        FieldName name = FieldName.of(bytes, nameStart[i], nameEnd[i]);
        if (name == null) {
            dropped[i] = stripOurs && FieldName.isOurs(bytes, nameStart[i], nameEnd[i]);
            return;
        }
        switch (name) {
            case HOST -> {
                host = i;
                hosts++;
            }
            case CONTENT_LENGTH -> contentLength(i);
            case TRANSFER_ENCODING -> transferEncoding(i);
            case CONNECTION -> {
                named = true;
                dropped[i] = true;
                connection(i);
            }
            case UPGRADE -> {
                upgrade = upgrade < 0 ? i : upgrade;
                dropped[i] = true;
            }
            case EXPECT -> expect = i;
            case KEEP_ALIVE, PROXY_CONNECTION, TE, HTTP2_SETTINGS -> dropped[i] = true;
            case TRAILER -> {}
            case FORWARDED_CLIENT_CERT -> dropped[i] = stripOurs;
        }
    }

    private void contentLength(int i) throws HttpRefused {
        refuseUnderscore(i);
        int start = valueStart[i];
        int end = valueEnd[i];
        if (contentLengthField >= 0) {
            throw refused(
                    HttpRefusal.CONTENT_LENGTH_SEVERAL, "Content-Length: several (expected: one)");
        }
        if (start == end || end - start > MAX_LENGTH_DIGITS) {
            throw badLength(i);
        }
        long length = 0;
        for (int at = start; at < end; at++) {
            if (!HttpChars.isDigit(bytes[at])) {
                throw badLength(i);
            }
            length = length * 10 + (bytes[at] - '0');
        }
        contentLengthField = i;
        contentLength = length;
    }

    private HttpRefused badLength(int i) {
        boolean several = value(i).contains(",");
        return refused(
                several ? HttpRefusal.CONTENT_LENGTH_SEVERAL : HttpRefusal.BAD_CONTENT_LENGTH,
                "Content-Length: " + value(i) + " (expected: 1 to 18 digits)");
    }

    private void transferEncoding(int i) throws HttpRefused {
        refuseUnderscore(i);
        if (transferEncodingField >= 0 || !equalsIgnoreCase(valueStart[i], valueEnd[i], CHUNKED)) {
            throw refused(
                    HttpRefusal.BAD_TRANSFER_ENCODING,
                    "Transfer-Encoding: " + value(i) + " (expected: chunked, once)");
        }
        transferEncodingField = i;
    }

    /** An application that takes _ for - would frame the message by a field we did not obey. */
    private void refuseUnderscore(int i) throws HttpRefused {
        for (int at = nameStart[i]; at < nameEnd[i]; at++) {
            if (bytes[at] == '_') {
                throw refused(
                        HttpRefusal.UNDERSCORE_FRAMING,
                        "field name: " + text(nameStart[i], nameEnd[i]) + " (expected: -)");
            }
        }
    }

    private void connection(int i) {
        int at = valueStart[i];
        while (at < valueEnd[i]) {
            int end = tokenEnd(at, valueEnd[i]);
            int last = trimmed(at, end);
            if (equalsIgnoreCase(at, last, CLOSE)) {
                close = true;
            } else if (equalsIgnoreCase(at, last, KEEP_ALIVE)) {
                keepAlive = true;
            } else if (equalsIgnoreCase(at, last, UPGRADE)) {
                wantsUpgrade = true;
            }
            at = nextToken(end, valueEnd[i]);
        }
    }

    /** Takes out what a Connection field names (RFC 9110 section 7.6.1). */
    private void dropNamed() throws HttpRefused {
        for (int i = 0; i < count; i++) {
            if (FieldName.of(bytes, nameStart[i], nameEnd[i]) != FieldName.CONNECTION) {
                continue;
            }
            int at = valueStart[i];
            while (at < valueEnd[i]) {
                int end = tokenEnd(at, valueEnd[i]);
                drop(at, trimmed(at, end));
                at = nextToken(end, valueEnd[i]);
            }
        }
    }

    private void drop(int start, int end) throws HttpRefused {
        FieldName known = FieldName.of(bytes, start, end);
        if (known == FieldName.HOST
                || known == FieldName.CONTENT_LENGTH
                || known == FieldName.TRANSFER_ENCODING
                || known == FieldName.EXPECT) {
            throw refused(
                    HttpRefusal.BAD_CONNECTION,
                    "Connection: names " + text(start, end) + " (expected: a hop-by-hop field)");
        }
        for (int i = 0; i < count; i++) {
            if (sameName(i, start, end)) {
                dropped[i] = true;
            }
        }
    }

    private int tokenEnd(int start, int end) {
        int at = start;
        while (at < end && bytes[at] != ',') {
            at++;
        }
        return at;
    }

    private int trimmed(int start, int end) {
        int last = end;
        while (last > start && (bytes[last - 1] == ' ' || bytes[last - 1] == '\t')) {
            last--;
        }
        return last;
    }

    private int nextToken(int comma, int end) {
        int at = comma + 1;
        while (at < end && (bytes[at] == ' ' || bytes[at] == '\t')) {
            at++;
        }
        return at;
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

    private boolean nameIs(int i, String name) {
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

    private boolean equalsIgnoreCase(int start, int end, byte[] lowerCase) {
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

    private String value(int i) {
        return text(valueStart[i], valueEnd[i]);
    }

    private static byte lower(byte c) {
        return c >= 'A' && c <= 'Z' ? (byte) (c + ('a' - 'A')) : c;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
