package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one head and what they say of the message: its framing, its connection, its host.
 * Used again for the next head on the same event loop. What must not be passed on is dropped and is
 * invisible from then on: policy sees the fields the application will see.
 */
final class HttpFields {
    private static final int MAX_LENGTH_DIGITS = 18;
    private static final byte[] CHUNKED = ascii("chunked");
    private static final byte[] CLOSE = ascii("close");
    private static final byte[] KEEP_ALIVE = ascii("keep-alive");
    private static final byte[] UPGRADE = ascii("upgrade");

    private final FieldLines lines = new FieldLines();
    private final boolean stripOurs;
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
            at = lines.add(at);
            understand(lines.count() - 1);
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
        return lines.valueStart(host);
    }

    int hostEnd() {
        return lines.valueEnd(host);
    }

    boolean hasExpect() {
        return expect >= 0;
    }

    boolean expectIs(byte[] lowerCase) {
        return expect >= 0 && lines.valueIs(expect, lowerCase);
    }

    /** The protocol asked for, when Connection names it; empty otherwise. */
    Optional<String> upgrade() {
        return wantsUpgrade && upgrade >= 0 ? Optional.of(lines.value(upgrade)) : Optional.empty();
    }

    /** Leaves the transfer coding out: what follows is written without chunks. */
    void dropTransferEncoding() {
        if (transferEncodingField >= 0) {
            lines.drop(transferEncodingField);
        }
    }

    /** Values of a field, comma-joined (RFC 9110 section 5.3); null when it is not there. */
    @Nullable String get(String name) {
        return lines.get(name);
    }

    /** Values of a field, one for each line that is passed on. */
    List<String> lines(String name) {
        return lines.lines(name);
    }

    /** Takes out what frames, routes or authenticates: it comes too late to be obeyed. */
    void dropUnfitForTrailer(String[] others) {
        for (int i = 0; i < lines.count(); i++) {
            if (lines.known(i) != null) {
                lines.drop(i);
            }
        }
        for (String other : others) {
            lines.drop(other);
        }
    }

    /** Leaves every field of this name out. */
    void drop(String name) {
        lines.drop(name);
    }

    /** Takes every cookie of this name out, and leaves the others as they are. */
    void dropCookie(String name) {
        lines.dropPairs("cookie", name);
    }

    /** Copies every field that is passed on, in order, as it was written. */
    void writeTo(ByteBuf out) {
        lines.writeTo(out);
    }

    void forEach(BiConsumer<String, String> visitor) {
        lines.forEach(visitor);
    }

    String text(int start, int end) {
        return lines.text(start, end);
    }

    static HttpRefused refused(HttpRefusal refusal, String message) {
        return new HttpRefused(refusal, message);
    }

    private void reset(byte[] source) {
        lines.reset(source);
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

    private void understand(int i) throws HttpRefused {
        FieldName name = lines.known(i);
        if (name == null) {
            dropIf(stripOurs && lines.isOurs(i), i);
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
                lines.drop(i);
                connection(i);
            }
            case UPGRADE -> {
                upgrade = upgrade < 0 ? i : upgrade;
                lines.drop(i);
            }
            case EXPECT -> expect = i;
            case KEEP_ALIVE, PROXY_CONNECTION, TE, HTTP2_SETTINGS -> lines.drop(i);
            case TRAILER -> {}
            case FORWARDED_CLIENT_CERT -> dropIf(stripOurs, i);
        }
    }

    private void dropIf(boolean unwanted, int i) {
        if (unwanted) {
            lines.drop(i);
        }
    }

    private void contentLength(int i) throws HttpRefused {
        refuseUnderscore(i);
        int start = lines.valueStart(i);
        int end = lines.valueEnd(i);
        if (contentLengthField >= 0) {
            throw refused(
                    HttpRefusal.CONTENT_LENGTH_SEVERAL, "Content-Length: several (expected: one)");
        }
        if (start == end || end - start > MAX_LENGTH_DIGITS) {
            throw badLength(i);
        }
        long length = 0;
        for (int at = start; at < end; at++) {
            if (!HttpChars.isDigit(lines.at(at))) {
                throw badLength(i);
            }
            length = length * 10 + (lines.at(at) - '0');
        }
        contentLengthField = i;
        contentLength = length;
    }

    private HttpRefused badLength(int i) {
        boolean several = lines.value(i).contains(",");
        return refused(
                several ? HttpRefusal.CONTENT_LENGTH_SEVERAL : HttpRefusal.BAD_CONTENT_LENGTH,
                "Content-Length: " + lines.value(i) + " (expected: 1 to 18 digits)");
    }

    private void transferEncoding(int i) throws HttpRefused {
        refuseUnderscore(i);
        if (transferEncodingField >= 0 || !lines.valueIs(i, CHUNKED)) {
            throw refused(
                    HttpRefusal.BAD_TRANSFER_ENCODING,
                    "Transfer-Encoding: " + lines.value(i) + " (expected: chunked, once)");
        }
        transferEncodingField = i;
    }

    /** An application that takes _ for - would frame the message by a field we did not obey. */
    private void refuseUnderscore(int i) throws HttpRefused {
        if (lines.nameHas(i, '_')) {
            throw refused(
                    HttpRefusal.UNDERSCORE_FRAMING,
                    "field name: " + lines.name(i) + " (expected: -)");
        }
    }

    private void connection(int i) {
        int at = lines.valueStart(i);
        int valueEnd = lines.valueEnd(i);
        while (at < valueEnd) {
            int end = tokenEnd(at, valueEnd);
            int last = trimmed(at, end);
            if (lines.equalsIgnoreCase(at, last, CLOSE)) {
                close = true;
            } else if (lines.equalsIgnoreCase(at, last, KEEP_ALIVE)) {
                keepAlive = true;
            } else if (lines.equalsIgnoreCase(at, last, UPGRADE)) {
                wantsUpgrade = true;
            }
            at = nextToken(end, valueEnd);
        }
    }

    /** Takes out what a Connection field names (RFC 9110 section 7.6.1). */
    private void dropNamed() throws HttpRefused {
        for (int i = 0; i < lines.count(); i++) {
            if (lines.known(i) != FieldName.CONNECTION) {
                continue;
            }
            int at = lines.valueStart(i);
            while (at < lines.valueEnd(i)) {
                int end = tokenEnd(at, lines.valueEnd(i));
                dropNamed(at, trimmed(at, end));
                at = nextToken(end, lines.valueEnd(i));
            }
        }
    }

    private void dropNamed(int start, int end) throws HttpRefused {
        FieldName known = lines.known(start, end);
        if (known == FieldName.HOST
                || known == FieldName.CONTENT_LENGTH
                || known == FieldName.TRANSFER_ENCODING
                || known == FieldName.EXPECT) {
            throw refused(
                    HttpRefusal.BAD_CONNECTION,
                    "Connection: names " + text(start, end) + " (expected: a hop-by-hop field)");
        }
        lines.dropNamedAt(start, end);
    }

    private int tokenEnd(int start, int end) {
        int at = start;
        while (at < end && lines.at(at) != ',') {
            at++;
        }
        return at;
    }

    private int trimmed(int start, int end) {
        int last = end;
        while (last > start && isBlank(lines.at(last - 1))) {
            last--;
        }
        return last;
    }

    private int nextToken(int comma, int end) {
        int at = comma + 1;
        while (at < end && isBlank(lines.at(at))) {
            at++;
        }
        return at;
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
