package dev.countersign.agent.proxy.http2;

import dev.countersign.agent.proxy.http.FieldName;
import dev.countersign.agent.proxy.http.HttpChars;
import dev.countersign.agent.proxy.http.HttpRefusal;
import dev.countersign.agent.proxy.http.HttpRefused;
import dev.countersign.agent.proxy.http.Trailers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fields as HTTP/2 carries them (RFC 9113 section 8.2): checked octet by octet, because they may go on
 * to a program that writes them into lines; and without those that are not passed on. What concerns
 * their order, pseudo-header fields that are unknown or there twice, and fields of a connection has
 * been refused by the codec.
 */
final class Http2Fields {
    /** Cookies come one by one. */
    static final int MAX_FIELDS = 200;

    private final boolean stripOurs;
    private final boolean trailer;
    private @Nullable List<CharSequence> unwanted;

    private Http2Fields(boolean stripOurs, boolean trailer) {
        this.stripOurs = stripOurs;
        this.trailer = trailer;
    }

    /**
     * A head's fields.
     *
     * @param stripOurs whether fields that only agents set are taken out
     * @throws HttpRefused when one could be read differently
     */
    static void clean(Http2Headers headers, boolean stripOurs) throws HttpRefused {
        new Http2Fields(stripOurs, false).clean(headers);
    }

    /** A trailer's fields: what frames or routes comes too late to be obeyed. */
    static void cleanTrailer(Http2Headers headers, boolean stripOurs) throws HttpRefused {
        new Http2Fields(stripOurs, true).clean(headers);
    }

    private void clean(Http2Headers headers) throws HttpRefused {
        if (headers.size() > MAX_FIELDS) {
            throw new HttpRefused(
                    HttpRefusal.TOO_MANY_HEADERS,
                    "fields: " + headers.size() + " (expected: <= " + MAX_FIELDS + ")");
        }
        for (Map.Entry<CharSequence, CharSequence> field : headers) {
            AsciiString name = AsciiString.of(field.getKey());
            if (name.isEmpty() || name.byteAt(0) != ':') {
                checkName(name);
                look(name);
            }
            checkValue(name, AsciiString.of(field.getValue()));
        }
        if (unwanted != null) {
            unwanted.forEach(headers::remove);
        }
    }

    private void look(AsciiString name) throws HttpRefused {
        int start = name.arrayOffset();
        int end = start + name.length();
        FieldName known = FieldName.of(name.array(), start, end);
        if (known == null) {
            if ((stripOurs && FieldName.isOurs(name.array(), start, end))
                    || (trailer && Trailers.isForbidden(name))) {
                dropped(name);
            }
            return;
        }
        switch (known) {
            case CONTENT_LENGTH, TRANSFER_ENCODING, HOST -> {
                refuseUnderscore(name);
                if (trailer) {
                    dropped(name);
                }
            }
            case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, UPGRADE, HTTP2_SETTINGS -> dropped(name);
            case FORWARDED_CLIENT_CERT -> {
                if (stripOurs || trailer) {
                    dropped(name);
                }
            }
            case TE, TRAILER, EXPECT -> {
                if (trailer) {
                    dropped(name);
                }
            }
        }
    }

    private void dropped(CharSequence name) {
        if (unwanted == null) {
            unwanted = new ArrayList<>();
        }
        unwanted.add(name);
    }

    private static void checkName(AsciiString name) throws HttpRefused {
        byte[] b = name.array();
        int start = name.arrayOffset();
        int end = start + name.length();
        for (int at = start; at < end; at++) {
            if (!HttpChars.isToken(b[at]) || (b[at] >= 'A' && b[at] <= 'Z')) {
                throw new HttpRefused(
                        HttpRefusal.BAD_HEADER_NAME,
                        "field name: byte " + b[at] + " (expected: a token in lower case)");
            }
        }
        if (start == end) {
            throw new HttpRefused(HttpRefusal.BAD_HEADER_NAME, "field name: empty");
        }
    }

    private static void checkValue(AsciiString name, AsciiString value) throws HttpRefused {
        byte[] b = value.array();
        int start = value.arrayOffset();
        int end = start + value.length();
        for (int at = start; at < end; at++) {
            if (!HttpChars.isValue(b[at])) {
                throw new HttpRefused(
                        HttpRefusal.CONTROL_CHARACTER,
                        name + ": byte " + b[at] + " (expected: visible, space or tab)");
            }
        }
        if (start < end && (isSpace(b[start]) || isSpace(b[end - 1]))) {
            throw new HttpRefused(
                    HttpRefusal.BAD_FIELD_VALUE,
                    name + ": begins or ends with white space (expected: neither)");
        }
    }

    private static boolean isSpace(byte c) {
        return c == ' ' || c == '\t';
    }

    private static void refuseUnderscore(AsciiString name) throws HttpRefused {
        if (name.indexOf("_") >= 0) {
            throw new HttpRefused(
                    HttpRefusal.UNDERSCORE_FRAMING, "field name: " + name + " (expected: -)");
        }
    }
}
