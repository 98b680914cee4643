package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The lines after the last chunk. Checked like header fields; those that a trailer must not carry
 * (RFC 9110 section 6.5.1) and identity fields are left out.
 */
public final class Trailers {
    private static final int MAX_BYTES = 8 * 1024;
    private static final int INITIAL = 256;
    private static final byte[] EMPTY = {};

    private static final String[] FORBIDDEN = {
        "authorization",
        "cookie",
        "set-cookie",
        "proxy-authorization",
        "content-encoding",
        "content-type",
        "content-range",
        "max-forwards",
        "cache-control",
        "range",
        "location"
    };

    private byte[] bytes = EMPTY;
    private int length;
    private int lineStart;

    /** Whether a trailer must not carry this field; a name in lower case. */
    public static boolean isForbidden(CharSequence name) {
        for (String forbidden : FORBIDDEN) {
            if (forbidden.contentEquals(name)) {
                return true;
            }
        }
        return false;
    }

    void begin() {
        length = 0;
        lineStart = 0;
    }

    /**
     * Consumes up to the end of the trailer section.
     *
     * @param sink where the section goes, the empty line included; null to leave it out
     * @return whether the section is complete
     */
    boolean consume(ByteBuf in, BodyFramer.@Nullable Sink sink) throws HttpRefused {
        while (in.isReadable()) {
            append(in.readByte());
            if (bytes[length - 1] == '\n') {
                if (length - lineStart < 2 || bytes[length - 2] != '\r') {
                    throw HttpFields.refused(
                            HttpRefusal.BAD_TRAILER, "trailer: ends in LF (expected: CRLF)");
                }
                if (length - lineStart == 2) {
                    finish(sink);
                    return true;
                }
                lineStart = length;
            }
        }
        return false;
    }

    private void append(byte c) throws HttpRefused {
        if (length == MAX_BYTES) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_TRAILER, "trailers: more (expected: <= " + MAX_BYTES + ")");
        }
        if (length == bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(INITIAL, Math.min(MAX_BYTES, length * 2)));
        }
        bytes[length++] = c;
    }

    private void finish(BodyFramer.@Nullable Sink sink) throws HttpRefused {
        int fieldsEnd = length - 2;
        byte[] kept = bytes;
        int keptLength = length;
        if (fieldsEnd > 0) {
            HttpFields fields = new HttpFields(true);
            fields.parse(bytes, 0, fieldsEnd);
            fields.dropUnfitForTrailer(FORBIDDEN);
            ByteBuf out = Unpooled.buffer(length);
            fields.writeTo(out);
            out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
            kept = out.array();
            keptLength = out.readableBytes();
        }
        if (sink != null) {
            sink.data(Unpooled.copiedBuffer(kept, 0, keptLength));
        }
        bytes = EMPTY;
    }
}
