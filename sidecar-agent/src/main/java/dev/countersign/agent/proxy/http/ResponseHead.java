package dev.countersign.agent.proxy.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One response head, parsed as strictly as a request: a response the client could frame differently
 * would poison the next one. Belongs to an event loop and is used again for the next head.
 */
final class ResponseHead {
    static final int CONTINUE = 100;
    static final int SWITCHING = 101;

    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    private static final int FIRST_FINAL = 200;
    private static final int OK = 200;
    private static final int FIRST_REDIRECTION = 300;
    private static final int LAST_STATUS = 599;
    private static final int STATUS_DIGITS = 3;
    private static final byte[] VERSION = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONNECTION_CLOSE = line("Connection: close");
    private static final byte[] CONNECTION_KEEP_ALIVE = line("Connection: keep-alive");

    private final HeadBuffer buffer = new HeadBuffer();
    private final HttpFields fields;
    private int status;
    private int statusStart;
    private int statusLineEnd;
    private boolean http10;

    /**
     * @param stripOurs whether fields only agents set are taken out: those of the application are
     */
    ResponseHead(boolean stripOurs) {
        fields = new HttpFields(stripOurs);
    }

    void parse(ByteBuf in, int length) throws HttpRefused {
        buffer.take(in, length);
        byte[] b = buffer.bytes();
        for (int i = 0; i < VERSION.length; i++) {
            if (b[i] != VERSION[i]) {
                throw badLine();
            }
        }
        int at = VERSION.length;
        if ((b[at] != '0' && b[at] != '1') || b[at + 1] != ' ') {
            throw badLine();
        }
        http10 = b[at] == '0';
        statusStart = at + 2;
        at = parseStatus(b, statusStart);
        while (HttpChars.isValue(b[at])) {
            at++;
        }
        if (b[at] != '\r' || b[at + 1] != '\n') {
            throw badLine();
        }
        statusLineEnd = at + 2;
        fields.parse(b, statusLineEnd, length - 2);
        if (fields.chunked() && (http10 || withoutBody())) {
            throw HttpFields.refused(
                    HttpRefusal.BAD_TRANSFER_ENCODING, "Transfer-Encoding: with status " + status);
        }
    }

    int status() {
        return status;
    }

    /** 1xx: another head follows for the same request. */
    boolean interim() {
        return status < FIRST_FINAL && status != SWITCHING;
    }

    boolean keepAlive() {
        return http10 ? fields.keepAlive() && !fields.close() : !fields.close();
    }

    /** 2xx, which to {@code CONNECT} says that a tunnel is open (RFC 9110 section 9.3.6). */
    boolean successful() {
        return status >= OK && status < FIRST_REDIRECTION;
    }

    /**
     * Whether {@code CONNECT} was understood: an application that answers as it answers everything
     * frames a body, and would read what comes through the tunnel as requests that nobody decided.
     */
    boolean opensTunnel() {
        return status == OK && !fields.chunked() && fields.contentLength() < 0;
    }

    /** Whether this changes to the protocol that was asked for. */
    boolean switchesTo(String protocol) {
        return upgrade().filter(protocol::equalsIgnoreCase).isPresent();
    }

    Optional<String> upgrade() {
        return fields.upgrade();
    }

    BodyFraming framing(boolean toHead) {
        if (toHead || withoutBody()) {
            return BodyFraming.NONE;
        }
        if (fields.chunked()) {
            return BodyFraming.CHUNKED;
        }
        if (fields.contentLength() >= 0) {
            return fields.contentLength() == 0 ? BodyFraming.NONE : BodyFraming.LENGTH;
        }
        return BodyFraming.UNTIL_CLOSE;
    }

    long contentLength() {
        return fields.contentLength();
    }

    int size() {
        return buffer.length() + CONNECTION_KEEP_ALIVE.length;
    }

    /** Writes the head as it goes to the client, whose connection ends or stays as said. */
    void writeTo(ByteBuf out, Persistence persistence) {
        out.writeBytes(VERSION).writeByte('1').writeByte(' ');
        out.writeBytes(buffer.bytes(), statusStart, statusLineEnd - statusStart);
        if (persistence.unchunked()) {
            fields.dropTransferEncoding();
        }
        fields.writeTo(out);
        if (!persistence.stays()) {
            out.writeBytes(CONNECTION_CLOSE);
        } else if (persistence.http10()) {
            out.writeBytes(CONNECTION_KEEP_ALIVE);
        }
        out.writeByte('\r').writeByte('\n');
    }

    /** An interim head has no say in the connection. */
    void writeInterimTo(ByteBuf out) {
        writeTo(out, Persistence.STAYS);
    }

    /** 101: the connection changes its protocol. */
    void writeUpgradeTo(ByteBuf out, String protocol) {
        out.writeBytes(VERSION).writeByte('1').writeByte(' ');
        out.writeBytes(buffer.bytes(), statusStart, statusLineEnd - statusStart);
        fields.writeTo(out);
        out.writeCharSequence(
                "Connection: upgrade\r\nUpgrade: " + protocol + "\r\n\r\n",
                StandardCharsets.US_ASCII);
    }

    private boolean withoutBody() {
        return status < FIRST_FINAL || status == NO_CONTENT || status == NOT_MODIFIED;
    }

    private int parseStatus(byte[] b, int start) throws HttpRefused {
        int value = 0;
        for (int i = 0; i < STATUS_DIGITS; i++) {
            if (!HttpChars.isDigit(b[start + i])) {
                throw badLine();
            }
            value = value * 10 + (b[start + i] - '0');
        }
        byte after = b[start + STATUS_DIGITS];
        if (value < CONTINUE || value > LAST_STATUS || (after != ' ' && after != '\r')) {
            throw badLine();
        }
        status = value;
        return start + STATUS_DIGITS;
    }

    private static HttpRefused badLine() {
        return HttpFields.refused(
                HttpRefusal.BAD_STATUS_LINE, "status line: other (expected: HTTP/1.x 100 to 599)");
    }

    private static byte[] line(String text) {
        return (text + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * What becomes of the client's connection after this response.
     *
     * @param stays kept for the next request
     * @param http10 the client speaks HTTP/1.0
     * @param unchunked the client cannot read chunks: data alone, ended by closing
     */
    record Persistence(boolean stays, boolean http10, boolean unchunked) {
        static final Persistence STAYS = new Persistence(true, false, false);
        static final Persistence ENDS = new Persistence(false, false, false);
    }
}
